"""A case ends: what is asked for, what is signed, what is added later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from handoff import audit
from handoff.context import Context
from handoff.errors import Conflict, Invalid
from handoff.journeys import calling, cards, closing, nurse
from handoff.journeys.cases import reason
from handoff.journeys.closing import NOTHING_SAID, Record, Seen
from handoff.journeys.telling import hand_off
from handoff.models.case import ACUITIES, Case
from handoff.models.closing import ADVISED, OUTCOMES, Closing
from handoff.models.conversation import Conversation
from tests.fixtures import FakeClock, staff
from tests.journeys.helpers import ALICE, lines, text_only

WHOLE = Record("agreed", "today", "I will go to the walk-in clinic at five", True)
LUIS = "nurse2@example.org"


def held(context: Context, acuity: str = "urgent", number: str = ALICE) -> int:
    """A case of this acuity, with Dana."""
    received = text_only(context, "please help me", number)
    with context.transaction() as session:
        conversation = Conversation.locked(session, received.conversation_id)
        id = hand_off(session, context, conversation, acuity, "asked", reason("asked", "Asks.")).id
    nurse.claim(context, staff(context), id)
    return id


def close(context: Context, id: int, record: Record = NOTHING_SAID, note: str = "", **more: int) -> Case:
    return closing.close(context, staff(context), id, "advised_visit", note, True, record, Seen(**more))


def stored(context: Context, id: int) -> Case:
    with context.database.reading() as session:
        return session.get_one(Case, id)


def signed(context: Context, id: int) -> list[Closing]:
    with context.database.reading() as session:
        return list(Closing.of(session, session.get_one(Case, id)))


@pytest.mark.parametrize("acuity", ACUITIES)
def test_a_program_that_knows_three_fields_closes_a_case_of_any_acuity(context: Context, acuity: str) -> None:
    id = held(context, acuity)
    closed = closing.close(context, staff(context), id, "called_back", "spoke with her", True)
    assert (closed.state, closed.disposition, closed.note) == ("closed", "called_back", "spoke with her")


def test_the_whole_record_is_signed_with_who_and_when(context: Context, clock: FakeClock) -> None:
    id = held(context)
    close(context, id, WHOLE, "No red flags.")
    [one] = signed(context, id)
    assert (one.staff.name, one.at, one.disposition) == ("Nurse Dana", clock.now(), "advised_visit")
    assert (one.outcome, one.advised, one.plan, one.worse_if) == (
        WHOLE.outcome, WHOLE.advised, WHOLE.plan, WHOLE.worse_if,
    )  # fmt: skip
    assert one.note == "No red flags."


def test_the_patients_plan_is_not_readable_in_the_database(context: Context) -> None:
    close(context, held(context), WHOLE)
    with context.database.engine.connect() as connection:
        [raw] = connection.exec_driver_sql("SELECT plan FROM closing").scalars()
    assert b"walk-in" not in bytes(raw)


@pytest.mark.parametrize("missing", ["outcome", "advised", "plan", "worse_if"])
@pytest.mark.parametrize("acuity", ACUITIES[1:])
def test_whoever_begins_the_record_of_an_urgent_case_or_worse_completes_it(
    context: Context, acuity: str, missing: str
) -> None:
    id = held(context, acuity)
    empty = "" if missing == "plan" else None
    with pytest.raises(Invalid) as told:
        close(context, id, replace(WHOLE, **{missing: empty}), "a note")  # type: ignore[arg-type]
    assert told.value.field == missing
    assert (stored(context, id).state, signed(context, id)) == ("active", [])


def test_a_routine_record_may_be_as_short_as_one_likes(context: Context) -> None:
    id = held(context, "routine")
    close(context, id, Record(advised="information"))
    assert [one.advised for one in signed(context, id)] == ["information"]


def test_whoever_gave_no_worse_if_advice_says_why(context: Context) -> None:
    id = held(context)
    with pytest.raises(Invalid) as told:
        close(context, id, replace(WHOLE, worse_if=False))
    assert told.value.field == "note"
    assert close(context, id, replace(WHOLE, worse_if=False), "Hung up.").state == "closed"


def test_no_answer_needs_a_logged_attempt(context: Context) -> None:
    id = held(context)
    with pytest.raises(Invalid) as told:
        close(context, id, Record("no_answer"))
    assert told.value.field == "outcome"
    calling.log_call(context, staff(context), id, "no_answer", "rang out")
    assert close(context, id, Record("no_answer")).state == "closed"


def test_a_wrong_number_is_one_that_was_called(context: Context) -> None:
    id = held(context)
    calling.log_call(context, staff(context), id, "no_answer", "")
    with pytest.raises(Invalid):
        close(context, id, Record("wrong_number"))
    calling.log_call(context, staff(context), id, "wrong_number", "a bakery")
    assert close(context, id, Record("wrong_number")).state == "closed"


@pytest.mark.parametrize("record", [Record("bored"), Record(advised="tea"), Record(plan="x" * 5001)])
def test_what_is_not_on_the_list_is_refused(context: Context, record: Record) -> None:
    id = held(context, "routine")
    with pytest.raises(Invalid):
        close(context, id, record)
    assert stored(context, id).state == "active"


def test_every_choice_is_taken(context: Context) -> None:
    for n, advised in enumerate(ADVISED):
        close(context, held(context, number=f"+1202555017{n}"), replace(WHOLE, advised=advised))
    assert close(context, held(context), Record("transferred")).state == "closed"
    assert len(OUTCOMES) == 5


def test_a_page_that_showed_an_older_state_does_not_close(context: Context) -> None:
    id = held(context)
    epoch = stored(context, id).epoch
    with pytest.raises(Conflict):
        close(context, id, WHOLE, epoch=epoch - 1)
    assert stored(context, id).state == "active"
    assert close(context, id, WHOLE, epoch=epoch).state == "closed"


def test_what_the_patient_wrote_meanwhile_is_read_before_the_case_closes(context: Context) -> None:
    id = held(context)
    seen = stored(context, id).conversation.last_seq
    newer = text_only(context, "now my chest hurts").seq
    with pytest.raises(Conflict) as told:
        close(context, id, WHOLE, seq=seen)
    assert "written meanwhile" in str(told.value)
    assert close(context, id, WHOLE, seq=newer).state == "closed"


def test_what_is_added_later_is_dated_and_changes_nothing_signed(context: Context, clock: FakeClock) -> None:
    id = held(context)
    with pytest.raises(Conflict):
        closing.add_to_note(context, staff(context), id, "too early")
    close(context, id, WHOLE, "First.")
    clock.step(timedelta(hours=3))
    closing.add_to_note(context, staff(context, LUIS), id, "The clinic rang back.")
    assert [one.note for one in signed(context, id)] == ["First."]
    with context.database.reading() as session:
        case = session.get_one(Case, id)
        [added] = [event for event in case.events(session) if event.what == "addendum"]
        assert added.staff is not None
        assert (added.staff.name, added.at, added.why) == (
            "Nurse Luis", clock.now(), "The clinic rang back.",
        )  # fmt: skip
        view = cards.case_view(session, context, case)
    assert [one["who"] for one in view["closings"]] == ["Nurse Dana"]


def test_a_case_that_was_opened_again_keeps_what_was_signed(context: Context) -> None:
    id = held(context)
    close(context, id, WHOLE, "First.")
    closing.reopen(context, staff(context, LUIS), id, "She called again.")
    nurse.claim(context, staff(context), id)
    close(context, id, replace(WHOLE, advised="emergency_department"), "Second.")
    assert [one.note for one in signed(context, id)] == ["First.", "Second."]


def test_closing_tells_the_patient_once_and_leaves_a_row(context: Context) -> None:
    id = held(context)
    conversation_id = stored(context, id).conversation_id
    close(context, id, WHOLE)
    assert lines(context, conversation_id).count("closed_to_bot") == 1
    with context.database.reading() as session:
        rows = session.scalars(select(audit.AuditRow.what)).all()
    assert "case.close" in rows
