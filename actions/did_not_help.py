"""The patient says that the answer did not help."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.careful import CarefulAction, Events, say_unsure


class DidNotHelp(CarefulAction):
    """`unsure` the first time, `ask_nurse` when the turn before it failed as well."""

    def name(self) -> str:
        return "action_did_not_help"

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        say_unsure(dispatcher, tracker, "utter_sorry_no_help")
        return []
