"""The state that goes in and out with each turn."""

from __future__ import annotations

import asyncio
import json

import pytest
from rasa.core.agent import Agent
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.one_turn_tracker import TURNS_CARRIED, OneTurnTrackerStore, begin, one_turn, state_of
from handoff.contract import Facts

FACTS = Facts(channel="sms", org="Maple Street Clinic", failures=1)


def a_turn(tracker: DialogueStateTracker, intent: str, action: str) -> None:
    tracker.update(UserUttered("my secret words", {"name": intent, "confidence": 0.9}))
    tracker.update(ActionExecuted(action, hide_rule_turn=True))
    tracker.update(BotUttered("an answer"))
    tracker.update(ActionExecuted(ACTION_LISTEN_NAME))


def test_a_fresh_conversation_listens_and_knows_the_facts(domain: Domain) -> None:
    tracker = begin(domain, "one", FACTS, None)
    assert tracker.latest_action_name == ACTION_LISTEN_NAME
    assert tracker.get_slot("org") == "Maple Street Clinic"
    assert tracker.get_slot("failures") == 1
    assert tracker.get_slot("topic") is None


def test_without_an_organisation_its_place_in_a_sentence_is_still_filled(domain: Domain) -> None:
    assert begin(domain, "one", Facts(channel="sms"), None).get_slot("org") == "your care team"


def test_a_state_comes_back_as_it_was(domain: Domain) -> None:
    tracker = begin(domain, "one", FACTS, None)
    a_turn(tracker, "ask_question", "action_find_answer")
    tracker.update(SlotSet("topic", "asthma"))
    tracker.update(SlotSet("last_outcome", "answered"))
    state = json.loads(json.dumps(state_of(tracker)))
    again = begin(domain, "two", FACTS, state)
    assert state_of(again) == state
    assert again.get_slot("topic") == "asthma"
    assert again.latest_message is not None
    assert again.latest_message.intent_name == "ask_question"
    assert again.copy().get_slot("topic") == "asthma", "Rasa rebuilds a tracker from its events alone"


def test_the_last_four_turns_are_carried_and_each_begins_by_listening(domain: Domain) -> None:
    tracker = begin(domain, "one", FACTS, None)
    for number in range(TURNS_CARRIED + 3):
        a_turn(tracker, f"intent_{number}", "utter_thanks")
    events = state_of(tracker)["events"]
    said = [event["user"] for event in events if "user" in event]
    assert said == ["intent_3", "intent_4", "intent_5", "intent_6"]
    assert events[0] == {"action": ACTION_LISTEN_NAME, "hidden": False}
    assert state_of(begin(domain, "two", FACTS, state_of(tracker)))["events"] == events


def test_no_words_no_times_and_no_facts_are_carried(domain: Domain) -> None:
    tracker = begin(domain, "one", FACTS, None)
    a_turn(tracker, "ask_question", "action_find_answer")
    state = json.dumps(state_of(tracker))
    for word in ("secret words", "an answer", "Maple", "failures", "timestamp", "sms"):
        assert word not in state


@pytest.mark.parametrize(
    "state",
    [
        {"other": 1},
        {"slots": {}},
        {"slots": 1, "events": []},
        {"slots": {}, "events": [{}]},
        {"slots": {}, "events": [{"action": "utter_thanks"}]},
    ],
)
def test_what_is_not_a_state_is_refused(domain: Domain, state: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        begin(domain, "one", FACTS, state)


def test_a_turn_leaves_nothing_in_the_store(domain: Domain) -> None:
    store = OneTurnTrackerStore(domain)
    tracker = begin(domain, "one", FACTS, None)

    async def run() -> None:
        with one_turn(tracker):
            assert await store.retrieve("one") is tracker
            await store.save(tracker)
        assert await store.retrieve("one") is None
        assert list(await store.keys()) == []

    asyncio.run(run())


def test_turns_at_the_same_moment_see_their_own_tracker(domain: Domain) -> None:
    store = OneTurnTrackerStore(domain)

    async def run(name: str) -> bool:
        tracker = begin(domain, name, FACTS, None)
        with one_turn(tracker):
            await asyncio.sleep(0)  # lets the other one begin
            return await store.retrieve("the same id") is tracker

    async def both() -> list[bool]:
        return list(await asyncio.gather(run("one"), run("two")))

    assert asyncio.run(both()) == [True, True]


def test_rasas_own_shell_still_remembers(domain: Domain) -> None:
    store = OneTurnTrackerStore(domain)
    agent = Agent(domain=domain, tracker_store=store)

    async def run() -> DialogueStateTracker:
        tracker = await agent.tracker_store.get_or_create_tracker("shell")
        tracker.update(SlotSet("topic", "gout"))
        await agent.tracker_store.save(tracker)
        return await agent.tracker_store.get_or_create_tracker("shell")

    assert asyncio.run(run()).get_slot("topic") == "gout"
