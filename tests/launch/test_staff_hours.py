"""When nurses are on duty."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from handoff.staff_hours import StaffHours

NEW_YORK = ZoneInfo("America/New_York")
LINE = "mon-fri 08:00-17:00, sat 09:00-12:00"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in the week of Monday 5 January 2026, New York time."""
    return datetime(2026, 1, day, hour, minute, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (at(5, 7, 59), False),
        (at(5, 8), True),
        (at(9, 16, 59), True),
        (at(9, 17), False),
        (at(10, 9), True),
        (at(10, 12), False),
        (at(11, 10), False),
    ],
)
def test_the_hours_hold_from_their_first_minute_to_their_last(moment: datetime, is_open: bool) -> None:
    hours = StaffHours.read(LINE, NEW_YORK)
    assert hours.open_at(moment) is is_open
    assert hours.open_at(moment.astimezone(ZoneInfo("UTC"))) is is_open


def test_the_next_opening_is_told_across_the_weekend() -> None:
    hours = StaffHours.read(LINE, NEW_YORK)
    assert hours.next_opening(at(10, 13)) == at(12, 8)
    assert hours.next_opening(at(5, 9)) == at(5, 9)
    assert StaffHours.read("mon 08:00-09:00", NEW_YORK).next_opening(at(5, 10)) == at(12, 8)


def test_spans_may_run_over_the_weekend_and_to_midnight() -> None:
    hours = StaffHours.read("Fri-Mon 18:00-24:00", NEW_YORK)
    assert hours.open_at(at(11, 23, 59))
    assert not hours.open_at(at(6, 20))


def test_always_is_day_and_night() -> None:
    assert StaffHours.read("always", NEW_YORK).open_at(at(11, 3))


def test_on_a_holiday_nobody_is_rostered_and_the_next_opening_is_after_it() -> None:
    monday = at(12, 8)
    hours = StaffHours.read(LINE, NEW_YORK, [monday.date()])
    assert not hours.open_at(monday)
    assert hours.next_opening(at(10, 13)) == at(13, 8)
    every = StaffHours.read("always", NEW_YORK, [monday.date()])
    assert not every.open_at(monday)
    assert every.next_opening(monday) == at(13, 0)
    mondays = [at(day, 8).date() for day in (12, 19, 26)]
    assert StaffHours.read("mon 08:00-09:00", NEW_YORK, mondays).next_opening(at(5, 10)).day == 2
