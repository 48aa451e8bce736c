"""What is known about the patient: filled in by a nurse, and never another person's."""

from __future__ import annotations

from typing import Any

import pytest

from handoff.context import Context
from handoff.errors import Conflict, Invalid
from handoff.journeys import cards, closing, facts, nurse, presence
from handoff.journeys.whereabouts import zone_of
from handoff.models.case import Case
from handoff.models.presence import HERE_LASTS, TYPING_LASTS, Presence
from tests.fixtures import FakeClock, eventually, staff
from tests.journeys.helpers import CHEST, all_cases, only_case, text

LUIS = "nurse2@example.org"


def held(context: Context, words: str = "NURSE") -> int:
    text(context, words)
    return nurse.claim(context, staff(context), all_cases(context)[-1].id).id


def view(context: Context, id: int) -> dict[str, Any]:
    with context.database.reading() as session:
        return cards.case_view(session, context, session.get_one(Case, id))


def correct(context: Context, id: int, **given: str) -> None:
    facts.correct(context, staff(context), id, given)


def test_a_nurse_fills_in_a_field_and_the_event_says_who_and_what_stood_there(context: Context) -> None:
    id = held(context)
    correct(context, id, age="34", allergies="penicillin")
    correct(context, id, age="43")
    patient = view(context, id)["patient"]
    assert (patient["age"], patient["allergies"]) == ("43", "penicillin")
    changes = [(one["who"], one["why"]) for one in view(context, id)["events"] if one["what"] == "fact"]
    assert changes[-1] == ("Nurse Dana", "age: 43; before: 34")
    assert "age 43" in view(context, id)["sbar"]["background"]


def test_what_stays_the_same_leaves_no_event_and_an_empty_field_is_not_asked_again(context: Context) -> None:
    id = held(context)
    correct(context, id, age="34")
    correct(context, id, age="34")
    assert [one["what"] for one in view(context, id)["events"]].count("fact") == 1
    correct(context, id, age="")
    assert "age" not in view(context, id)["patient"]


@pytest.mark.parametrize(
    "given",
    [
        {"shoe_size": "43"},
        {"age": "x" * 301},
        {"text_only": "maybe"},
        {"relation": "dog"},
        {"language": "xx"},
    ],
)
def test_what_fits_no_field_changes_nothing(context: Context, given: dict[str, str]) -> None:
    id = held(context)
    before = view(context, id)
    with pytest.raises(Invalid):
        facts.correct(context, staff(context), id, {"conditions": "asthma"} | given)
    assert view(context, id) == before


def test_only_the_nurse_who_has_the_case_corrects(context: Context) -> None:
    id = held(context)
    with pytest.raises(Conflict):
        facts.correct(context, staff(context, LUIS), id, {"age": "34"})


def test_what_an_earlier_case_told_is_shown_once_a_nurse_has_asked(context: Context) -> None:
    first = held(context)
    correct(context, first, relation="self", age="34", location="Chicago")
    closing.close(context, staff(context), first, "other", "", True)
    second = held(context)
    correct(context, second, relation="self", allergies="none")
    patient = view(context, second)["patient"]
    assert ("age" not in patient, patient["allergies"]) == (True, "none")
    assert "disposition" not in view(context, second)["earlier"][0]
    facts.confirm_person(context, staff(context), second)
    assert view(context, second)["patient"]["age"] == "34"
    assert "Chicago" not in str(view(context, second)["patient"])  # where they were then
    assert view(context, second)["earlier"] == [
        {
            "id": first,
            "opened_at": view(context, first)["opened_at"],
            "acuity": "routine",
            "disposition": "other",
        }
    ]


def test_nobody_is_confirmed_before_it_is_known_whom_it_is_about(context: Context) -> None:
    id = held(context)
    correct(context, id, relation="unknown")
    with pytest.raises(Conflict):
        facts.confirm_person(context, staff(context), id)


def test_correcting_whom_it_is_about_takes_along_what_this_case_told(context: Context) -> None:
    id = held(context)
    correct(context, id, age="4")
    correct(context, id, relation="child")
    patient = view(context, id)["patient"]
    assert (patient["relation"], patient["age"]) == ("child", "4")


def test_a_phone_that_is_not_safe_gets_no_automatic_message(context: Context) -> None:
    id = held(context)
    correct(context, id, safe_to_contact="no")
    assert view(context, id)["patient"]["phone_not_safe"]
    correct(context, id, safe_to_contact="yes")
    assert not view(context, id)["patient"]["phone_not_safe"]


def test_the_evidence_says_which_words_which_rule_and_how_sure(context: Context) -> None:
    text(context, CHEST)
    found = view(context, only_case(context).id)["evidence"]
    rules = [one for one in found if one["by"] == "rule"]
    assert rules
    assert all(one["span"] in CHEST and one["code"] and one["odds"] is None for one in rules)
    examples = [one for one in found if one["by"] == "example"]
    assert examples
    assert context.triage.trained is not None
    lines = context.triage.trained.thresholds
    assert all(one["odds"] >= lines[one["code"].removeprefix("trained.")] for one in examples)


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("+12025550143", "America/New_York"),
        ("+13125550143", "America/Chicago"),
        ("+18005550143", None),
        ("not a number", None),
        (None, None),
    ],
)
def test_a_numbers_time_zone_is_told_where_there_is_one(
    clock: FakeClock, number: str | None, zone: str | None
) -> None:
    assert zone_of(number, clock.now()) == zone


# Who looks


def here(context: Context, id: int) -> list[tuple[str, bool]]:
    return [(one["name"], one["typing"]) for one in view(context, id)["here"]]


def test_who_looks_and_who_writes_is_seen_and_forgotten(context: Context, clock: FakeClock) -> None:
    id = held(context)
    presence.look_at(context, staff(context, LUIS), id, typing=True)
    assert here(context, id) == [("Nurse Luis", True)]
    clock.step(TYPING_LASTS)
    assert here(context, id) == [("Nurse Luis", False)]
    clock.step(HERE_LASTS)
    assert here(context, id) == []
    presence.look_at(context, staff(context), id)
    presence.look_away(context, staff(context), id)
    assert here(context, id) == []


def test_only_news_wakes_the_other_desks(context: Context, clock: FakeClock) -> None:
    id = held(context)

    def is_news(typing: bool) -> bool:
        with context.transaction() as session:
            return Presence.mark(session, id, staff(context, LUIS), clock.now(), typing)

    assert [is_news(False), is_news(False), is_news(True), is_news(True)] == [True, False, True, False]
    clock.step(HERE_LASTS)
    before = context.wakeups.seen("desk")
    presence.look_at(context, staff(context, LUIS), id)
    eventually(lambda: context.wakeups.seen("desk") != before, "the desks to be woken")
