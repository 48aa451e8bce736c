"""Runs one action as the action server does: a tracker in, events and messages out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.careful import CarefulAction
from handoff.client import ServiceClient
from tests.bot.fake_service import SECRET, FakeService

SAID = "what of my grapefruit?"


@dataclass(frozen=True)
class Ran:
    """What an action came to."""

    slots: dict[str, Any]
    messages: list[dict[str, Any]]

    @property
    def facts(self) -> dict[str, Any]:
        """What the one message says beside its words."""
        (message,) = self.messages
        custom: dict[str, Any] = message["custom"]
        return custom

    @property
    def response(self) -> str | None:
        (message,) = self.messages
        name: str | None = message["response"]
        return name

    @property
    def replies(self) -> list[tuple[str, int, str]]:
        return [(one["answer_id"], one["version"], one["form"]) for one in self.facts["replies"]]


def run(
    kind: type[CarefulAction],
    service: FakeService,
    text: str = SAID,
    intent: str = "ask_question",
    secret: str = SECRET,
    **slots: Any,
) -> Ran:
    facts = {"channel": "sms", "language": "en", "failures": 0, "chosen": None, **slots}
    tracker = Tracker.from_dict(
        {
            "sender_id": "attempt-1",
            "slots": facts,
            "latest_message": {"text": text, "intent": {"name": intent}, "entities": []},
            "events": [],
        }
    )
    dispatcher = CollectingDispatcher()

    async def once() -> list[dict[str, Any]]:
        async with ServiceClient(service.url, secret, deadline=0.5) as client:
            return await kind(client).run(dispatcher, tracker, {})

    events = asyncio.run(once())
    return Ran({event["name"]: event["value"] for event in events}, dispatcher.messages)
