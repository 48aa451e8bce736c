"""A patient who waits may take it back; what that closes, and what it never closes."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from handoff.context import Context
from handoff.journeys.withdrawal import declines, is_well
from handoff.models.case import Case
from handoff.web.board import board
from tests.fixtures import ScriptedAssistant
from tests.journeys.helpers import (
    CHEST,
    all_cases,
    events,
    lines,
    only_case,
    open_hours,
    promises,
    send_everybody_home,
    text,
)


def set_acuity(context: Context, acuity: str, **more: object) -> None:
    with context.transaction() as session:
        session.execute(update(Case).values(acuity=acuity, **more))


@pytest.mark.parametrize(
    "said",
    ["never mind", "Nevermind!", "nvm", "I'm ok now, cancel", "i don't need a nurse anymore",
     "forget it, thanks", "never mind, I'm fine now", "ya no hace falta", "Olvídelo, gracias",
     "ya no necesito a la enfermera"],
)  # fmt: skip
def test_it_is_declined(said: str) -> None:
    assert declines(said)


@pytest.mark.parametrize("said", ["im fine now", "I feel better now, thanks", "ya estoy bien, gracias"])
def test_they_are_well(said: str) -> None:
    assert is_well(said)
    assert not declines(said)


@pytest.mark.parametrize(
    "said",
    ["never mind, can I take ibuprofen?", "never mind i will just die", "no", "ok", "i don't want to live",
     "cancel my appointment", "it never minded", "im fine", "no importa", "",
     "i am better now but my chest hurts"],
)  # fmt: skip
def test_it_is_neither(said: str) -> None:
    assert not is_well(said)


@pytest.mark.parametrize(
    "said", ["never mind", "I'm ok now, cancel", "im fine now", "ya no hace falta", "I don't need a nurse"]
)
def test_a_routine_case_is_closed_honestly_and_the_board_shows_it(
    context: Context, assistant: ScriptedAssistant, said: str
) -> None:
    received = text(context, "NURSE")
    text(context, said)
    case = only_case(context)
    assert (case.state, case.disposition) == ("closed", "withdrawn")
    assert events(context)[-1] == "withdrawn"
    assert lines(context, received.conversation_id)[-1] == "withdrawn"
    assert [one["case"] for one in board(context)["withdrawn"]] == [case.id]
    assert assistant.asked == []


def test_after_it_a_nurse_can_be_asked_again(context: Context) -> None:
    text(context, "NURSE")
    text(context, "never mind")
    text(context, "NURSE")
    assert [one.state for one in all_cases(context)] == ["closed", "waiting"]


def test_distress_that_is_declined_is_closed_with_a_way_back(context: Context) -> None:
    received = text(context, "NURSE")
    set_acuity(context, "distress")
    text(context, "im fine now")
    assert (only_case(context).state, events(context)[-1]) == ("waiting", "withdrawal_said")
    text(context, "never mind")
    assert only_case(context).state == "closed"
    assert lines(context, received.conversation_id)[-1] == "withdrawn_distress"


def test_an_urgent_case_is_recorded_and_a_nurse_still_looks(context: Context) -> None:
    received = text(context, "NURSE")
    set_acuity(context, "urgent")
    text(context, "never mind")
    assert (only_case(context).state, events(context)[-1]) == ("waiting", "withdrawal_said")
    assert lines(context, received.conversation_id)[-1] == "withdrawn_kept"


def test_what_has_been_a_danger_is_for_a_nurse_to_close(context: Context) -> None:
    text(context, "NURSE")
    set_acuity(context, "routine", families=["suicide"])
    text(context, "never mind")
    assert only_case(context).state == "waiting"


@pytest.mark.parametrize("said", ["never mind", "I don't need a nurse"])
def test_a_danger_is_lowered_by_nothing(context: Context, said: str) -> None:
    received = text(context, CHEST)
    text(context, "1")  # the safety question
    text(context, said)
    case = only_case(context)
    assert (case.state, case.acuity, case.alarmed_at is not None) == ("waiting", "emergency", True)
    assert "all_clear" in lines(context, received.conversation_id)
    assert events(context)[-1] == "all_clear_said"


def test_a_danger_in_the_same_words_is_a_danger(context: Context) -> None:
    text(context, "NURSE")
    text(context, "never mind, i want to kill myself")
    assert only_case(context).acuity == "crisis"


def test_what_was_promised_is_owed_no_more(context: Context) -> None:
    open_hours(context, "tue 08:00-17:00")
    send_everybody_home(context)
    text(context, "NURSE")
    text(context, "never mind")
    assert [one.state for one in promises(context)] == ["void"]


def test_cancel_alone_is_a_stop_by_text_and_takes_it_back_on_the_web(context: Context) -> None:
    from handoff.journeys import patient
    from tests.journeys.helpers import conversation, write

    received = text(context, "NURSE")
    text(context, "CANCEL")
    assert conversation(context, received.conversation_id).contact.opted_out_at is not None
    assert only_case(context).state == "waiting"
    _, id = patient.start_chat(context)
    write(context, id, "NURSE")
    write(context, id, "cancel")
    assert all_cases(context)[-1].disposition == "withdrawn"
