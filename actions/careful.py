"""What every action is built on: one outcome said, or nothing at all."""

from __future__ import annotations

import logging
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from handoff.client import ServiceClient
from handoff.contract import Hit

Events = list[dict[str, Any]]

log = logging.getLogger(__name__)


class CarefulAction(Action):
    """An action that never fails loudly: on any error it says nothing, and `bot.channel` fails the turn.

    A reply without an outcome is tried again by the service and then handed to a nurse. So an error can
    neither become a wrong answer nor take a patient's words into a log.
    """

    def __init__(self, service: ServiceClient) -> None:
        self.service = service

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        try:
            return await self.act(dispatcher, tracker)
        except Exception:
            log.exception("action failed action=%s turn=%s", self.name(), tracker.sender_id)
            dispatcher.messages.clear()
            return []

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        raise NotImplementedError


def say(dispatcher: CollectingDispatcher, outcome: str, response: str | None = None, **facts: Any) -> None:
    """Say a response of domain.yml and what the turn came to.

    The outcome travels beside the text, in a field that only actions and domain.yml can fill.
    """
    dispatcher.utter_message(response=response, json_message={"outcome": outcome, **facts})


def say_unsure(dispatcher: CollectingDispatcher, tracker: Tracker, response: str = "utter_unsure") -> None:
    """Say honestly that there is no answer; the second time in a row ask a nurse instead."""
    if (tracker.get_slot("failures") or 0) >= 1:
        say(dispatcher, "ask_nurse")
    else:
        say(dispatcher, "unsure", response)


def answer_reply(hit: Hit, form: str) -> dict[str, Any]:
    """A reference to an approved text. The service turns it into the text of exactly that version."""
    return {"answer_id": hit.answer_id, "version": hit.version, "form": form}
