"""The service that the actions ask, as a stand-in on a real port."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bot.fake_service import FakeService


@pytest.fixture
def service() -> Iterator[FakeService]:
    running = FakeService()
    yield running
    running.stop()
