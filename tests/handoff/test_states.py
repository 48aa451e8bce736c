"""Which state a patient's own words for a place name; when unsure, none."""

from __future__ import annotations

import pytest

from handoff.states import names, state_in


@pytest.mark.parametrize(
    ("place", "state"),
    [
        ("Newark, NJ", "NJ"),
        ("newark, nj", "NJ"),
        ("12 Main St, Newark, NJ 07102", "NJ"),
        ("12 Washington Street, Albany, NY, USA", "NY"),
        ("Houston TX", "TX"),
        ("Houston TX 77002-1234", "TX"),
        ("Baton Rouge, LA", "LA"),
        ("Baton Rouge LA 70801", "LA"),
        ("NJ", "NJ"),
        ("in Texas right now", "TX"),
        ("texas", "TX"),
        ("Charleston, West Virginia", "WV"),
        ("New York", "NY"),
        ("Nueva Jersey", "NJ"),
        ("Carolina del Norte", "NC"),
        ("Kansas City, MO", "MO"),
        ("Washington DC", "DC"),
        ("Washington, DC", "DC"),
        ("Seattle, Washington", "WA"),
        ("Oklahoma City", "OK"),
        ("San Juan, Puerto Rico", "PR"),
    ],
)
def test_a_state_is_known_by_its_letters_and_by_its_name(place: str, state: str) -> None:
    assert state_in(place) == state


@pytest.mark.parametrize(
    "place",
    [
        "",
        "at home",
        "in or near the park",
        "ok",
        "hi",
        "help me",
        "me",
        "LA",
        "near LA",
        "12 Delaware Ave, Buffalo",
        "Virginia Beach",
        "Kansas City",
        "driving from Ohio to Texas",
        "at work, in the back",
        "at my mom's, or at home",
        "Toronto, ON",
        "x" * 300,
    ],
)
def test_where_the_words_do_not_say_it_is_unknown(place: str) -> None:
    assert state_in(place) is None


def test_every_state_and_territory_is_known_by_its_letters_and_each_of_its_names() -> None:
    assert len(names()) == 50 + 1 + 5
    for code, given in names().items():
        assert state_in(f"Somewhere, {code}") == code
        assert [state_in(name) for name in given] == [code] * len(given)
