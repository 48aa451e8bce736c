"""What a program can see in a changed safety text: numbers, length, and words to stop at."""

from __future__ import annotations

import pytest

from handoff.content.safety_check import check, is_sound
from handoff.country import Cell, load_country

COUNTRY = load_country("US")
SUICIDE: Cell = ("suicide", "self", "sms", "en")
VIOLENCE: Cell = ("violence", "self", "sms", "en")
SOUND = "Call or text {suicide_line} now, or {relay_line}. In danger: call {emergency}."
SAFE = "Help right now: call {emergency}. In private: call {violence_line} or text {violence_text}."


@pytest.mark.parametrize("cell", COUNTRY.copies)
def test_every_shipped_text_passes_and_names_nothing_to_stop_at(cell: Cell) -> None:
    found = check(COUNTRY, cell, COUNTRY.copies[cell])
    assert [one for one in found if "SMS segments" not in one.problem] == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no text"),
        (" \n ", "no text"),
        (SOUND.replace("{emergency}", "the emergency number"), "{emergency} (911) is missing"),
        (SOUND.replace("{suicide_line}", "us"), "{suicide_line} (988) is missing"),
        (SOUND.replace("{relay_line}", "relay"), "{relay_line} (711) is missing"),
        (f"{SOUND} Or 911.", "911 is written out"),
        (f"{SOUND} Or 9-1-1.", "9-1-1 is written out"),
        (f"{SOUND} Or 1 (800) 555 0100.", "written out"),
        (f"{SOUND} Or ٩١١.", "written out"),
        (f"{SOUND} Or {{my_line}}.", "{my_line} is no number"),
        (f"{SOUND} Or {{relay_text}}.", "{relay_text} is no number"),
        (f"{SOUND} {{", "A brace stands alone"),
        (f"{SOUND} {{{{7*7}}}}", "A brace stands alone"),
        (f"{SOUND} <b>now</b>", "HTML or a link"),
        (f"{SOUND} https://example.org", "HTML or a link"),
        (f"{SOUND} See example.org", "HTML or a link"),
        (f"{SOUND} {'word ' * 90}", "4 SMS segments (GSM-7)"),
        (f"{SOUND} {'adiós ' * 30}", "4 SMS segments (UCS-2)"),
    ],
)
def test_such_a_text_is_stopped(text: str, problem: str) -> None:
    stopping = [one.problem for one in check(COUNTRY, SUICIDE, text) if one.stops]
    assert any(problem in one for one in stopping), stopping
    assert not is_sound(COUNTRY, SUICIDE, text)


def test_a_number_given_under_another_name_is_there() -> None:
    assert is_sound(COUNTRY, SUICIDE, SOUND.replace("{suicide_line}", "{suicide_text}"))


def test_pressing_a_key_is_no_number() -> None:
    assert is_sound(COUNTRY, SUICIDE, f"{SOUND} In Spanish press 2. Day and night, 24/7.")


@pytest.mark.parametrize(
    ("cell", "text", "word"),
    [
        (SUICIDE, f"{SOUND} Put the pills away.", "'pills'"),
        (SUICIDE, f"{SOUND} A nurse comes soon.", "'soon'"),
        (SUICIDE, f"{SOUND} A nurse is here in 5 minutes.", "'in 5 minutes'"),
        (SUICIDE, f"{SOUND} Don't worry.", "'Don't worry'"),
        (SUICIDE, f"{SOUND} You should not have waited.", "'should not have'"),
        (SUICIDE, f"{SOUND} Google it.", "'Google'"),
        (("suicide", "self", "sms", "es"), f"{SOUND} No se preocupe.", "'No se preocupe'"),
        (VIOLENCE, f"{SAFE} Abuse is never right.", "'Abuse'"),
        (VIOLENCE, f"{SAFE} If your husband reads this.", "'husband'"),
    ],
)
def test_some_words_ask_for_a_second_look_and_stop_nothing(cell: Cell, text: str, word: str) -> None:
    found = check(COUNTRY, cell, text)
    assert any(one.problem.startswith(word) and not one.stops for one in found), found
    assert is_sound(COUNTRY, cell, text)


def test_three_segments_are_allowed_and_two_advised() -> None:
    long = f"{SOUND} {'word ' * 60}"
    assert [one.stops for one in check(COUNTRY, SUICIDE, long)] == [False]


def test_only_a_text_message_has_segments() -> None:
    assert is_sound(
        COUNTRY,
        ("suicide", "self", "web", "es"),
        f"{SOUND} {{veterans_line}} {{veterans_text}} " + "palabra " * 90,
    )
