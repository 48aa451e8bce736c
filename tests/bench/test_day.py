"""The scripted day, made small: what it measures, and that its checks can fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from handoff.bench.day import HOURS, OPENS, Day
from handoff.bench.patients import AGAIN, KINDS, Plan, Said, plan
from handoff.bench.twins import Nowhere, ScriptedAssistant, hire
from handoff.clock import FakeClock
from handoff.context import Context
from handoff.database import Database
from handoff.errors import NotFound
from handoff.journeys import nurse
from handoff.models.case import Case
from handoff.models.staff import Staff
from handoff.settings import Settings
from tests.fixtures import Models

MINUTE = timedelta(minutes=1)
BEFORE_OPENING = ("routine", "urgent", "emergency", "distress", "crisis", "routine", "question")
MakeDay = Callable[..., Day]


@pytest.fixture
def make_day(settings: Settings, models: Models, tmp_path: Path) -> Iterator[MakeDay]:
    """Two nurses; seven patients write before they come, and one comes back."""
    clock = FakeClock(OPENS - 9 * MINUTE)
    database = Database(f"sqlite:///{tmp_path / 'day.db'}")
    database.migrate()
    here = settings.model_copy(update={"staff_hours": HOURS, "timezone": "UTC"})
    context = models.context(
        here, database, clock=clock, assistant=ScriptedAssistant(), senders={"sms": Nowhere()}
    )
    said = [
        Said(OPENS - (8 - place) * MINUTE, f"+1202555010{place}", KINDS[kind][2])
        for place, kind in enumerate(BEFORE_OPENING)
    ]
    said.append(Said(OPENS + 10 * MINUTE, "+12025550100", AGAIN))
    small = Plan(said, {one.number: 2.0 for one in said})
    yield lambda **how: Day(context, clock, small, hire(context, 2), **how)
    context.wakeups.close()
    database.close()


def test_on_a_small_day_everybody_is_helped_in_order_and_nothing_is_broken(make_day: MakeDay) -> None:
    day = make_day()
    day.run()
    assert {acuity: len(waits) for acuity, waits in day.waits.items()} == {
        "crisis": 1, "emergency": 1, "urgent": 1, "distress": 1, "routine": 3,
    }  # fmt: skip
    assert day.waits["crisis"] == [0.0]
    assert max(day.waits["emergency"]) <= min(day.waits["urgent"]) <= max(day.waits["routine"])
    assert not any(day.broken.values())
    assert day.promises["kept"] == 3, "routine and distress before opening are told when a nurse comes"
    assert day.returned == 1
    assert day.report()[-1] == "crisis or emergency claimed after anything else: none"


def test_a_queue_that_hides_waiting_patients_is_found_out(make_day: MakeDay) -> None:
    asked: list[Staff] = []

    def hides(context: Context, staff: Staff) -> Case:
        asked.append(staff)
        if len(asked) < 20:
            raise NotFound("Nobody is waiting right now.")
        return nurse.claim_next(context, staff)

    day = make_day(claim=hides)
    day.run()
    assert day.broken["idle"]
    assert not day.broken["order"]
    assert "idle nurses while someone waits: none" not in day.report()


def test_a_queue_that_gives_the_last_first_is_found_out(make_day: MakeDay) -> None:
    def last_first(context: Context, staff: Staff) -> Case:
        with context.database.reading() as session:
            waiting = Case.queue(session)
        if not waiting:
            raise NotFound("Nobody is waiting right now.")
        return nurse.claim(context, staff, waiting[-1].id)

    day = make_day(claim=last_first)
    day.run()
    assert day.broken["order"]
    assert day.broken["danger"]


def test_the_same_seed_is_the_same_day() -> None:
    day = plan(7, 50, OPENS)
    assert day == plan(7, 50, OPENS)
    assert day != plan(8, 50, OPENS)
    assert len({one.number for one in day.said}) == 50
    assert [one.at for one in day.said] == sorted(one.at for one in day.said)
