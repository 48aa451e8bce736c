"""Whatever a patient or a broken neighbour sends: a definite reply or a failed turn, never a wrong answer."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from handoff.contract import ANSWER_PATH, SECRET_HEADER, TURN_PATH
from tests.bot.fake_service import SECRET, UNSURE, FakeService
from tests.bot.processes import Conversation, Processes

COMMANDS = [
    "/restart",
    "  /restart",
    "//restart",
    "/ / /restart",
    "/\n/session_start",
    "/back",
    '/greet{"name": "x"}',
    "/ask_human",
    "\u2003/restart",
]


@pytest.mark.parametrize("text", COMMANDS)
def test_a_leading_slash_is_never_a_command(patient: Conversation, service: FakeService, text: str) -> None:
    patient.say("what is asthma?")
    reply = patient.say(text)
    assert reply.confidence < 1.0, "Rasa is certain only of its own commands"
    assert reply.topic == "asthma", "a restart would have forgotten it"
    assert reply.replies or reply.outcome == "ask_nurse"


@pytest.mark.parametrize("text", ["", " \n\t ", "/", " / / "])
def test_nothing_at_all_is_answered_without_a_search(
    patient: Conversation, service: FakeService, text: str
) -> None:
    assert patient.say(text).outcome == "unsure"
    assert service.calls == []


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f622" * 40,
        "?!?!",
        "x" * 5000,
        "my head hurts and i feel sick " * 160,
        "<script>alert(1)</script><b onclick=x>hi</b>",
        "'; DROP TABLE message; --",
        "what \x00 is \x07 asthma",
        "half a pair \ud83d",
        "\u200b\u200e",
        "哮喘是什么",
    ],
    ids=["emoji", "signs", "one long word", "5,000 characters", "HTML", "SQL", "control", "surrogate",
         "invisible", "Chinese"],
)  # fmt: skip
def test_any_text_comes_to_an_outcome(patient: Conversation, service: FakeService, text: str) -> None:
    service.found = UNSURE
    assert patient.say(text).outcome in ("unsure", "chat")


def test_all_of_a_long_text_reaches_the_search(patient: Conversation, service: FakeService) -> None:
    text = "my head hurts and i feel sick " * 160 + "is it the new pills?"
    patient.say(text)
    assert service.searches()[0]["text"] == text


@pytest.mark.parametrize("text", ["what is asthma?", "hello", "nurse", "that did not help", "2"])
def test_the_same_request_twice_gives_the_same_reply(
    patient: Conversation, service: FakeService, text: str
) -> None:
    patient.say("which foods are bad for gout?")
    request = patient.request(text)
    first, second = (patient.processes.post(request) for _ in range(2))
    assert first.status_code == 200
    assert first.json() == second.json()


def test_the_same_request_at_the_same_moment_gives_the_same_reply(
    patient: Conversation, service: FakeService
) -> None:
    request = patient.request("what is asthma?")

    async def all_at_once() -> list[httpx.Response]:
        headers = {SECRET_HEADER: SECRET}
        async with httpx.AsyncClient(trust_env=False, headers=headers, timeout=30) as http:
            url = patient.processes.url() + TURN_PATH
            return await asyncio.gather(*(http.post(url, json=request) for _ in range(8)))

    replies = asyncio.run(all_at_once())
    assert {reply.status_code for reply in replies} == {200}
    assert all(reply.json() == replies[0].json() for reply in replies)


def test_conversations_at_the_same_moment_do_not_mix(processes: Processes, service: FakeService) -> None:
    carried = {"slots": {"topic": "gout", "last_outcome": "answered"}, "events": []}
    states = [carried if number % 2 else None for number in range(12)]

    async def all_at_once() -> list[httpx.Response]:
        requests = [Conversation(processes).request("thank you") | {"state": state} for state in states]
        headers = {SECRET_HEADER: SECRET}
        async with httpx.AsyncClient(trust_env=False, headers=headers, timeout=30) as http:
            url = processes.url() + TURN_PATH
            return await asyncio.gather(*(http.post(url, json=one) for one in requests))

    topics = [reply.json()["topic"] for reply in asyncio.run(all_at_once())]
    assert topics == ["gout" if state else None for state in states]


@pytest.mark.parametrize(
    "state", [{"events": []}, {"slots": {}, "events": [{"nothing": 1}]}, {"slots": 3, "events": None}]
)
def test_a_state_it_cannot_read_is_dropped(patient: Conversation, state: dict[str, object]) -> None:
    patient.state = state
    assert patient.say("what is asthma?").outcome == "answered"


def test_a_slot_that_is_no_longer_known_is_left_out(patient: Conversation) -> None:
    patient.state = {"slots": {"topic": "gout", "of_an_older_version": 1}, "events": []}
    assert patient.say("thank you").topic == "gout"
    assert "of_an_older_version" not in patient.state["slots"]


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"attempt_id": "a", "text": "my secret words"}, {"text": "my secret words", "facts": 1}],
)
def test_what_is_no_turn_request_is_refused_without_its_words(processes: Processes, body: object) -> None:
    response = processes.post(body)
    assert response.status_code == 400
    assert "secret words" not in response.text


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b'{"error": "my secret words"}'),
        (401, b"{}"),
        (200, b"not json"),
        (200, b"{}"),
        (200, b'{"decision": "answer", "confidence": 0.9, "hits": [{"answer_id": "x"}], "both": false}'),
        (200, b'{"decision": "answer", "confidence": 0.9, "hits": [], "both": false}'),
        (200, b'{"decision": "perhaps", "confidence": 0.9, "hits": [], "both": false}'),
    ],
)
def test_a_service_that_answers_nonsense_fails_the_turn(
    patient: Conversation, service: FakeService, status: int, body: bytes
) -> None:
    service.raw = status, body
    response = patient.fail("what of my secret words?")
    assert "secret words" not in response.text


def test_a_choice_fails_when_the_service_answers_nonsense(
    patient: Conversation, service: FakeService
) -> None:
    service.raw = 200, b'{"answer_id": 1}'
    patient.fail("1", chosen="asthma.overview")
    assert service.calls[0][0] == ANSWER_PATH


def test_a_service_that_hangs_fails_the_turn_before_the_service_gives_up_on_it(
    patient: Conversation, service: FakeService
) -> None:
    service.hang.clear()
    patient.fail("what is asthma?")
    service.hang.set()
    assert patient.say("what is asthma?").outcome == "answered"
