"""Say the last answer again, in full or more simply."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.careful import CarefulAction, Events, answer_reply, say, say_unsure
from handoff.client import ServiceClient
from handoff.contract import Hit


class TellMore(CarefulAction):
    """The full form of the last answer, or a question about what when there was none.

    A patient who changed the language meanwhile gets it in the new one.
    """

    def name(self) -> str:
        return "action_tell_more"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        last = tracker.get_slot("last_answers")
        if not last:
            say(dispatcher, "chat", "utter_more_about_what")
            return []
        hits = await _now(self.service, tracker, last)
        if tracker.get_slot("last_form") == "full" and [hit.answer_id for hit in hits] == last:
            say(dispatcher, "chat", "utter_no_more")
            return []
        return _say_again(dispatcher, tracker, hits, "full")


class SaySimpler(CarefulAction):
    """The short form after the full one; a nurse is offered when nothing is plainer than what was said.

    By SMS the full form is what the short one left out, so the short one is always the simpler.
    """

    def name(self) -> str:
        return "action_say_simpler"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        last = tracker.get_slot("last_answers")
        if not last:
            say(dispatcher, "chat", "utter_simpler_about_what")
            return []
        if tracker.get_slot("last_form") == "short":
            say_unsure(dispatcher, tracker, "utter_not_simpler")
            return []
        hits = await _now(self.service, tracker, last)
        if tracker.get_slot("channel") == "web" and not all(hit.plainer for hit in hits):
            say_unsure(dispatcher, tracker, "utter_not_simpler")
            return []
        return _say_again(dispatcher, tracker, hits, "short")


async def _now(service: ServiceClient, tracker: Tracker, answer_ids: Sequence[str]) -> list[Hit]:
    """As it is published now: an answer may have been changed or taken out since."""
    language = tracker.get_slot("language")
    return [hit for one in answer_ids if (hit := await service.answer(one, language))]


def _say_again(dispatcher: CollectingDispatcher, tracker: Tracker, hits: Sequence[Hit], form: str) -> Events:
    if not hits:
        say_unsure(dispatcher, tracker, "utter_withdrawn")
        return []
    say(dispatcher, "answered", replies=[answer_reply(hit, form) for hit in hits])
    return [SlotSet("last_answers", [hit.answer_id for hit in hits]), SlotSet("last_form", form)]
