"""What `bedside bench search` calls found has been found, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from handoff.bench.search import publishes
from handoff.context import Context
from handoff.search import Search, Thresholds
from handoff.search.index import Served
from tests.search.helpers import lexicon, vectors

Another = Callable[[Served], Search]


@pytest.fixture
def another(context: Context) -> Another:
    """Makes a search that shares only the database with the service's."""
    return lambda served: Search(context.database, served, Thresholds(0.6, 0.1), vectors(), lexicon())


def test_a_publish_is_found_in_this_process_and_in_another(context: Context, another: Another) -> None:
    here, there = publishes(context, another(context.shelf.served), 2)
    assert len(here) == len(there) == 2
    assert min(*here, *there) > 0


def test_a_text_that_is_not_found_is_no_figure(context: Context, another: Another) -> None:
    with pytest.raises(LookupError):
        publishes(context, another(lambda session: []), 1)
