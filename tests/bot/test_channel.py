"""What the channel makes of what Rasa's actions say, whatever they say."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered

from bot import channel
from bot.one_turn_tracker import _current
from handoff.contract import Facts, TurnReply, TurnRequest

CHAT: dict[str, Any] = {"outcome": "chat"}
ANSWER: dict[str, Any] = {
    "outcome": "answered",
    "replies": [{"answer_id": "asthma.overview", "version": 3, "form": "short"}],
}


def turn(domain: Domain, *messages: dict[str, Any]) -> TurnReply:
    """A turn in which Rasa says these messages."""

    async def rasa(message: UserMessage) -> None:
        tracker = _current.get()
        assert tracker is not None
        tracker.update(UserUttered(message.text, {"name": "thanks", "confidence": 0.9}))
        for one in messages:
            await message.output_channel.send_response(message.sender_id, one)

    asked = TurnRequest("attempt-1", "thank you", Facts("sms"))
    return asyncio.run(channel.take_turn(asked, "attempt-1", domain, rasa))


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"text": "hello"}],
        [{"text": "hello", "custom": {}}],
        [{"text": "hello", "custom": {"outcome": "paid"}}],
        [{"text": "hello", "custom": {"outcome": None}}],
        [{"text": "hello", "custom": CHAT}, {"custom": ANSWER}],
        [{"custom": CHAT}],
        [{"custom": {"outcome": "answered", "replies": []}}],
        [{"custom": {"outcome": "unsure"}}],
    ],
    ids=["nothing", "no outcome", "empty", "unknown", "none", "two", "no word", "no answer", "unsure"],
)  # fmt: skip
def test_without_exactly_one_outcome_and_a_word_the_turn_fails(
    domain: Domain, messages: list[dict[str, Any]]
) -> None:
    with pytest.raises(channel.NoOutcome):
        turn(domain, *messages)


def test_replies_keep_their_order(domain: Domain) -> None:
    reply = turn(domain, {"text": "First."}, {"text": "Second.", "custom": ANSWER}, {"text": "Last."})
    said = [one.text or one.answer_id for one in reply.replies]
    assert said == ["First.", "Second.", "asthma.overview", "Last."]


def test_only_a_nurse_may_be_asked_for_without_a_word(domain: Domain) -> None:
    reply = turn(domain, {"custom": {"outcome": "ask_nurse"}})
    assert (reply.outcome, reply.replies) == ("ask_nurse", ())


def test_the_outcome_is_carried_for_the_next_yes(domain: Domain) -> None:
    assert turn(domain, {"custom": ANSWER}).state["slots"]["last_outcome"] == "answered"


def test_a_turn_that_takes_too_long_is_given_up(domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "DEADLINE_SECONDS", 0.01)

    async def hang(message: UserMessage) -> None:
        await asyncio.Event().wait()

    asked = TurnRequest("attempt-1", "thank you", Facts("sms"))
    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(channel.take_turn(asked, "attempt-1", domain, hang))
