"""The number a web patient may leave, and where somebody in danger is: asked once, never in violence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql

from handoff import audit
from handoff.context import Context
from handoff.errors import NotFound
from handoff.journeys import calling, cards, closing, nurse, patient
from handoff.journeys.cut_off import number_in
from handoff.journeys.safety_question import LASTS, close_unanswered
from handoff.models.case import Case
from handoff.models.contact import Contact, Person
from handoff.models.conversation import OpenQuestion
from tests.fixtures import CarefulSender, FakeClock, ScriptedAssistant, staff
from tests.journeys.helpers import (
    ALICE,
    CHEST,
    all_cases,
    conversation,
    events,
    facts,
    lines,
    only_case,
    send_everybody_home,
    text,
    write,
)

SUICIDE = "i want to kill myself"
ADDRESS = "12 Oak Street, Springfield"


@pytest.fixture
def chat(context: Context) -> str:
    return patient.start_chat(context)[1]


def question(context: Context, id: str) -> str | None:
    with context.database.reading() as session:
        found = session.get(OpenQuestion, id)
        return found.kind if found else None


def number(context: Context, id: str) -> str | None:
    return conversation(context, id).contact.number


# The number


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("202-555-0143", ALICE),
        ("it's (202) 555 0143, thanks", ALICE),
        ("+44 20 7946 0958", "+442079460958"),
        ("555-0143", None),
        ("911", None),
        ("my sugar is 300 and i am 45", None),
        ("202-555-0143 or 202-555-0144", None),
    ],
)
def test_one_whole_valid_number_is_read(said: str, meant: str | None) -> None:
    assert number_in(said, "us") == meant


def test_a_web_patient_is_asked_at_the_hand_off_and_the_number_is_kept(context: Context, chat: str) -> None:
    write(context, chat, "NURSE")
    assert lines(context, chat) == ["handoff", "number_question"]
    write(context, chat, "202-555-0143")
    assert number(context, chat) == ALICE
    assert lines(context, chat)[-1] == "number_kept"
    assert events(context)[-1] == "number_left"


def test_it_is_stored_encrypted(context: Context, chat: str) -> None:
    write(context, chat, "NURSE")
    write(context, chat, "202-555-0143")
    with context.database.reading() as session:
        (stored,) = session.scalars(sql("SELECT call_number FROM contact WHERE call_number IS NOT NULL"))
    assert b"0143" not in bytes(stored)


@pytest.mark.parametrize("said", ["1", "skip", "No thanks", "no", "text only please"])
def test_it_may_be_skipped(context: Context, chat: str, assistant: ScriptedAssistant, said: str) -> None:
    write(context, chat, "NURSE")
    write(context, chat, said)
    assert (number(context, chat), question(context, chat)) == (None, None)
    assert lines(context, chat)[-1] == "number_skipped"
    assert facts(context) == ({"text_only": said} if "text" in said else {})
    assert assistant.asked == []


def test_half_a_number_is_asked_again(context: Context, chat: str) -> None:
    write(context, chat, "NURSE")
    write(context, chat, "555-0143")
    assert (lines(context, chat)[-1], question(context, chat)) == ("number_invalid", "number")


def test_a_question_meanwhile_goes_to_the_bot_and_the_number_may_come_later(
    context: Context, chat: str, assistant: ScriptedAssistant
) -> None:
    write(context, chat, "NURSE")
    write(context, chat, "what is asthma")
    assert [one.text for one in assistant.asked] == ["what is asthma"]
    write(context, chat, "202-555-0143")
    assert number(context, chat) == ALICE


def test_who_texts_is_not_asked_and_nobody_is_asked_twice(context: Context, chat: str) -> None:
    assert "number_question" not in lines(context, text(context, "NURSE").conversation_id)
    write(context, chat, "NURSE")
    write(context, chat, "202-555-0143")
    write(context, chat, "never mind")
    write(context, chat, "NURSE")
    assert lines(context, chat).count("number_question") == 1


def test_once_a_nurse_is_there_the_number_is_kept_and_nobody_talks_over_them(
    context: Context, chat: str
) -> None:
    write(context, chat, "NURSE")
    nurse.claim(context, staff(context), only_case(context).id)
    said = lines(context, chat)
    write(context, chat, "202-555-0143")
    assert number(context, chat) == ALICE
    assert lines(context, chat) == said


def test_to_look_at_it_is_audited_and_the_call_is_logged(context: Context, chat: str) -> None:
    write(context, chat, "NURSE")
    dana = staff(context)
    case = only_case(context)
    with pytest.raises(NotFound, match="left no number"):
        calling.reveal_number(context, dana, case.id)
    write(context, chat, "202-555-0143")
    assert calling.reveal_number(context, dana, case.id) == ALICE
    with context.database.reading() as session:
        newest = session.scalars(select(audit.AuditRow).order_by(audit.AuditRow.id.desc())).first()
        assert newest is not None
        assert (newest.what, newest.target) == ("case.number", f"case {case.id}")
        assert "0143" not in newest.why
        view = cards.case_view(session, context, session.get_one(Case, case.id))
    assert view["patient"]["number_ends"] == "0143"
    calling.log_call(context, dana, case.id, "reached", "")
    assert events(context)[-1] == "call_logged"


# Where they are


def test_after_the_safety_question_they_are_asked_where_they_are(
    context: Context, sender: CarefulSender
) -> None:
    received = text(context, SUICIDE)
    assert question(context, received.conversation_id) == "safety"
    text(context, "2")
    assert sender.texts(ALICE)[-1].startswith("Where are you right now?")
    text(context, ADDRESS)
    assert facts(context) == {"location": ADDRESS}
    assert lines(context, received.conversation_id)[-1] == "place_kept"
    case = only_case(context)
    assert (case.acuity, case.alarmed_at is not None) == ("crisis", True)


def test_also_when_the_safety_question_lapses(context: Context, clock: FakeClock) -> None:
    received = text(context, CHEST)
    clock.step(LASTS)
    close_unanswered(context)
    assert lines(context, received.conversation_id)[-1] == "place_question"


def test_of_somebody_else_it_is_asked_where_that_person_is(context: Context) -> None:
    received = text(context, "my dad has crushing chest pain and can't breathe")
    text(context, "1")
    assert lines(context, received.conversation_id)[-1] == "place_question_other"


def test_it_is_asked_once_in_a_case(context: Context, clock: FakeClock) -> None:
    received = text(context, CHEST)
    text(context, "1")
    text(context, "skip")
    text(context, SUICIDE)
    text(context, "2")
    assert lines(context, received.conversation_id).count("place_question") == 1


def test_the_card_shows_the_place_and_how_to_reach_its_emergency_centre(context: Context) -> None:
    text(context, CHEST)
    text(context, "1")
    text(context, ADDRESS)
    with context.database.reading() as session:
        view = cards.case_view(session, context, session.get_one(Case, only_case(context).id))
    assert view["patient"]["location"] == ADDRESS
    assert "ten-digit line" in view["emergency_centre"]


def test_the_place_is_stored_encrypted(context: Context) -> None:
    text(context, CHEST)
    text(context, "1")
    text(context, ADDRESS)
    with context.database.reading() as session:
        stored = [bytes(one) for one in session.scalars(sql("SELECT facts FROM person"))]
    assert not any(b"Oak" in one for one in stored)


@pytest.mark.parametrize("first", ["my husband hits me", "i was raped", "i want to kill my boss"])
def test_nobody_is_asked_where_the_question_could_endanger(context: Context, first: str) -> None:
    received = text(context, first)
    text(context, CHEST)
    text(context, "1")
    assert not any(name.startswith("place") for name in lines(context, received.conversation_id))


def test_with_nobody_on_duty_nobody_is_asked(context: Context) -> None:
    received = text(context, CHEST)
    send_everybody_home(context)
    text(context, "1")
    assert "place_question" not in lines(context, received.conversation_id)


@pytest.mark.parametrize(
    "said", ["please hurry he is getting worse", "2", "what should i do", "thanks", "i took 20 more of them"]
)
def test_what_names_no_place_is_not_kept_as_one(context: Context, said: str) -> None:
    received = text(context, CHEST)
    text(context, "1")
    text(context, said)
    assert facts(context) == {}
    text(context, ADDRESS)
    assert facts(context) == {"location": ADDRESS}
    assert question(context, received.conversation_id) is None


@pytest.mark.parametrize("said", ["I'd rather not say", "skip"])
def test_to_skip_it_is_no_new_danger(context: Context, said: str) -> None:
    """The trained layer reads "I'd rather not say" as a crisis."""
    received = text(context, CHEST)
    text(context, "1")
    text(context, said)
    assert only_case(context).acuity == "emergency"
    assert lines(context, received.conversation_id)[-1] == "place_skipped"


def test_a_danger_instead_of_the_place_is_a_danger(context: Context) -> None:
    text(context, CHEST)
    text(context, "1")
    text(context, "i can't breathe at all i am at home")
    assert "location" not in facts(context)
    text(context, "home, 12 Oak Street")
    assert facts(context) == {"location": "home, 12 Oak Street"}


def test_a_claim_leaves_it_open_and_the_answer_goes_to_the_card(context: Context) -> None:
    received = text(context, CHEST)
    text(context, "1")
    nurse.claim(context, staff(context), only_case(context).id)
    said = lines(context, received.conversation_id)
    text(context, ADDRESS)
    assert facts(context) == {"location": ADDRESS}
    assert lines(context, received.conversation_id) == said


def test_on_the_web_the_number_is_asked_after_the_place(context: Context, chat: str) -> None:
    write(context, chat, CHEST)
    write(context, chat, "1")
    write(context, chat, ADDRESS)
    assert lines(context, chat)[-2:] == ["place_kept", "number_question"]


def test_an_address_in_english_leaves_the_patients_language(context: Context, sender: CarefulSender) -> None:
    text(context, "me quiero morir")
    text(context, "no")
    text(context, "1200 South Main Street apt 4, Los Angeles")
    assert sender.texts(ALICE)[-1].startswith("Gracias. La enfermera puede verlo.")


def test_where_they_were_once_is_not_where_they_are(context: Context) -> None:
    """A new case begins without what an earlier one was told, unless a nurse has confirmed the person."""
    text(context, CHEST)
    text(context, "1")
    text(context, ADDRESS)
    dana = staff(context)
    with context.transaction() as session:
        person = session.get_one(Person, only_case(context).person_id)
        person.tell("allergies", "penicillin", only_case(context).id)
        person.confirmed_by = dana.id
    case = nurse.claim(context, dana, only_case(context).id)
    closing.close(context, dana, case.id, "sent_to_emergency", "ambulance came", True)
    text(context, CHEST)
    with context.database.reading() as session:
        newest = all_cases(context)[-1]
        assert session.get_one(Person, newest.person_id).told(newest.id) == {"allergies": "penicillin"}
    with context.transaction() as session:
        person = session.get_one(Person, all_cases(context)[-1].person_id)
        person.confirmed_by = None
    case = nurse.claim(context, dana, all_cases(context)[-1].id)
    closing.close(context, dana, case.id, "sent_to_emergency", "again", True)
    text(context, CHEST)
    with context.database.reading() as session:
        newest = all_cases(context)[-1]
        assert session.get_one(Person, newest.person_id).told(newest.id) == {}


def test_the_contact_of_a_text_has_its_own_number(context: Context) -> None:
    text(context, "NURSE")
    with context.database.reading() as session:
        (contact,) = session.scalars(select(Contact))
    assert (contact.number, contact.call_number) == (ALICE, None)


def test_a_lapsed_question_takes_nothing(context: Context, clock: FakeClock) -> None:
    text(context, CHEST)
    text(context, "1")
    clock.step(timedelta(minutes=10))
    text(context, ADDRESS)
    assert facts(context) == {}
