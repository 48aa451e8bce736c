"""A conversation's memory for the length of one turn.

The service keeps the state and sends it with each turn; Rasa holds it while the turn runs and gives it back.
So a turn that failed or was overtaken leaves nothing behind, and any assistant process can take any turn.

State: `{"slots": {name: value}, "events": [{"user": intent} | {"action": name, "hidden": bool}, …]}`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import asdict, fields
from typing import Any

from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, DEFAULT_SLOT_NAMES
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from handoff.contract import Facts, Json

TURNS_CARRIED = 4
FACT_SLOTS = {field.name for field in fields(Facts)}
"""Slots that say what is so now. They come anew with each turn and are never carried."""

_current: ContextVar[DialogueStateTracker | None] = ContextVar("current_turn", default=None)


class OneTurnTrackerStore(InMemoryTrackerStore):
    """Hands Rasa the tracker of the turn that runs in this task; without one it keeps its own."""

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        return _current.get() or await super().retrieve(sender_id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        if _current.get() is None:
            await super().save(tracker)


@contextlib.contextmanager
def one_turn(tracker: DialogueStateTracker) -> Iterator[None]:
    """Make `tracker` the one that Rasa works on, in this asyncio task only."""
    token = _current.set(tracker)
    try:
        yield
    finally:
        _current.reset(token)


def begin(domain: Domain, sender_id: str, facts: Facts, state: Json | None) -> DialogueStateTracker:
    """The conversation as `state` tells it, ready to listen.

    Slots that the domain no longer has are left out. Raise ValueError when `state` is not one of ours.
    """
    try:
        slots = {**(state["slots"] if state else {}), **asdict(facts)}
        past = [_event(one) for one in state["events"]] if state else []
    except (KeyError, TypeError, AttributeError):
        raise ValueError("this is not a state that the assistant gave out") from None
    known = {slot.name for slot in domain.slots}
    tracker = DialogueStateTracker(sender_id, domain.slots)
    for name, value in slots.items():
        if name in known and value not in (None, ""):
            tracker.update(SlotSet(name, value))
    for event in past or [ActionExecuted(ACTION_LISTEN_NAME)]:
        tracker.update(event)
    return tracker


def state_of(tracker: DialogueStateTracker) -> Json:
    """What the next turn needs, and no more: no texts and no times, so that a repeat gives the same state."""
    slots = {
        name: value
        for name, value in tracker.current_slot_values().items()
        if value is not None and name not in FACT_SLOTS and name not in DEFAULT_SLOT_NAMES
    }
    return {"slots": slots, "events": _last_turns(tracker.events)}


def _last_turns(events: Iterable[Event]) -> list[Json]:
    """The last turns, each with the action_listen before it; without that Rasa would not know it listened."""
    kept = [one for one in map(_plain, events) if one]
    starts = [place for place, one in enumerate(kept) if "user" in one]
    return kept[max(starts[-TURNS_CARRIED] - 1, 0) :] if len(starts) > TURNS_CARRIED else kept


def _plain(event: Event) -> Json | None:
    if isinstance(event, UserUttered):
        return {"user": event.intent_name}
    if isinstance(event, ActionExecuted):
        return {"action": event.action_name, "hidden": event.hide_rule_turn}
    return None


def _event(plain: Json) -> Event:
    if "user" in plain:
        intent: Any = {"name": plain["user"], "confidence": 1.0}
        return UserUttered(None, intent)
    return ActionExecuted(plain["action"], hide_rule_turn=plain["hidden"])
