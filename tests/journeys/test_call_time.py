"""When a patient asks to be called."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from handoff.journeys.call_time import looks_like_a_time, read
from handoff.journeys.times import clock_words, window_words

NEW_YORK = ZoneInfo("America/New_York")
NIGHT = datetime(2026, 1, 5, 7, 0, tzinfo=UTC)  # Monday, 2:00 AM in New York


def likeliest(text: str) -> str | None:
    found = read(text, NIGHT, NEW_YORK)
    return found[0].strftime("%a %H:%M") if found else None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("tomorrow 10am", "Tue 10:00"),
        ("Tomorrow at 10:30 a.m. please", "Tue 10:30"),
        ("3pm", "Mon 15:00"),
        ("15:00", "Mon 15:00"),
        ("monday at 9", "Mon 09:00"),
        ("next friday 2 pm", "Fri 14:00"),
        ("at noon tomorrow", "Tue 12:00"),
        ("ten am", "Mon 10:00"),
        ("call me at 10am", "Mon 10:00"),
        ("mañana a las 9", "Tue 09:00"),
        ("MAÑANA A LAS 10", "Tue 10:00"),
        ("mañana por la mañana a las 9 y media", "Tue 09:30"),
        ("el lunes a las 3 de la tarde", "Mon 15:00"),
        ("pasado mañana a las once", "Wed 11:00"),
        ("hoy al mediodía", "Mon 12:00"),
    ],
)
def test_a_time_is_read_in_both_languages(said: str, meant: str) -> None:
    assert likeliest(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "i take it at 3pm",
        "tomorrow",
        "25pm",
        "10:75",
        "10am or 11am",
        "",
        "what is asthma",
        "my sugar is 300",
        "x" * 99,
    ],
)
def test_anything_else_is_no_time(said: str) -> None:
    assert read(said, NIGHT, NEW_YORK) == []


def test_without_am_or_pm_both_may_be_meant() -> None:
    assert [one.hour for one in read("tomorrow at 3", NIGHT, NEW_YORK)] == [3, 15]


def test_a_time_that_has_passed_today_is_not_meant() -> None:
    assert read("today 1am", NIGHT, NEW_YORK) == []
    assert likeliest("1am") == "Tue 01:00"


def test_on_the_night_the_clocks_change_the_hour_is_the_one_on_the_wall() -> None:
    before = datetime(2026, 3, 7, 22, 0, tzinfo=UTC)
    assert read("tomorrow 10am", before, NEW_YORK)[0].astimezone(UTC).hour == 14


def test_a_try_at_a_time_is_told_from_a_question() -> None:
    assert looks_like_a_time("tomorrow sometime")
    assert not looks_like_a_time("what about asthma")


def test_times_are_said_in_the_patients_language() -> None:
    nine = datetime(2026, 1, 6, 14, 0, tzinfo=UTC)
    assert clock_words(nine, NIGHT, NEW_YORK, "en") == "9:00 AM on Tuesday"
    assert clock_words(nine, NIGHT, NEW_YORK, "es") == "el martes a las 9:00 a. m."
    ten = nine.replace(hour=15)
    assert window_words(nine, ten, NIGHT, NEW_YORK, "en") == "tomorrow, 9:00 AM to 10:00 AM"
    assert window_words(nine, ten, NIGHT, NEW_YORK, "es") == "mañana, de 9:00 a. m. a 10:00 a. m."
    later = nine.replace(day=20)
    assert clock_words(later, NIGHT, NEW_YORK, "en") == "9:00 AM on Tuesday, January 20"
    assert clock_words(later, NIGHT, NEW_YORK, "es") == "el martes 20 de enero a las 9:00 a. m."
