"""Everything for real: the service, its worker, Rasa and the actions, on a store and ports of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from handoff.context import Context
from handoff.evaluate import throw_away
from handoff.settings import Settings


@pytest.fixture(scope="session")
def whole() -> Iterator[Context]:
    with throw_away(Settings(demo=True)) as context:
        yield context
