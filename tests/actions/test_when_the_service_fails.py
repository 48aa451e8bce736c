"""An action that cannot look up says nothing, and nothing of the patient's words is written anywhere."""

from __future__ import annotations

import asyncio
import traceback

import pytest

from actions.find_answer import FindAnswer
from actions.say_again import TellMore
from handoff.client import ServiceClient, ServiceUnavailable
from tests.actions.turns import SAID, Ran, run
from tests.bot.fake_service import SECRET, FakeService

NOTHING = Ran({}, [])
NONSENSE = [(500, b"grapefruit"), (401, b"{}"), (200, b"grapefruit"), (200, b"[]"), (200, b'{"hits": []}')]


@pytest.mark.parametrize(("status", "body"), NONSENSE)
def test_nonsense_says_nothing(
    service: FakeService, caplog: pytest.LogCaptureFixture, status: int, body: bytes
) -> None:
    service.raw = status, body
    assert run(FindAnswer, service) == NOTHING
    assert run(FindAnswer, service, chosen="gout.diet") == NOTHING
    assert run(TellMore, service, last_answers=["gout.diet"]) == NOTHING
    assert caplog.text.count("action failed action=action_find_answer turn=attempt-1") == 2
    assert "grapefruit" not in caplog.text


def test_a_dead_service_says_nothing(service: FakeService, caplog: pytest.LogCaptureFixture) -> None:
    service.stop()
    assert run(FindAnswer, service) == NOTHING
    assert SAID not in caplog.text


def test_a_hanging_service_says_nothing_within_the_deadline(service: FakeService) -> None:
    service.hang.clear()
    assert run(FindAnswer, service) == NOTHING


def test_a_wrong_secret_says_nothing(service: FakeService) -> None:
    assert run(FindAnswer, service, secret="wrong") == NOTHING
    assert service.calls == []


@pytest.mark.parametrize(("status", "body"), NONSENSE)
def test_the_client_says_what_is_wrong_without_what_was_sent_or_received(
    service: FakeService, status: int, body: bytes
) -> None:
    service.raw = status, body

    async def ask() -> None:
        async with ServiceClient(service.url, SECRET) as client:
            await client.find(SAID, None)

    with pytest.raises(ServiceUnavailable) as refused:
        asyncio.run(ask())
    told = traceback.format_exception(refused.type, refused.value, refused.tb)
    assert "grapefruit" not in "".join(told)


def test_the_client_does_not_go_by_way_of_a_proxy(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert run(FindAnswer, service).facts["outcome"] == "answered"
