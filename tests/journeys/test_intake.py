"""At most three short questions while a case waits that is no danger; kept as said, absent if not asked."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from handoff.context import Context
from handoff.journeys import intake, nurse, patient
from handoff.journeys.intake import AFTER, LASTS
from handoff.models.case import Case
from handoff.models.contact import Contact, Person
from handoff.models.conversation import Conversation, OpenQuestion
from tests.fixtures import CarefulSender, FakeClock, ScriptedAssistant, settle, staff
from tests.journeys.helpers import (
    ALICE,
    CHEST,
    events,
    facts,
    lines,
    only_case,
    text,
    write,
)


@pytest.fixture
def waiting(context: Context, clock: FakeClock) -> str:
    """A case that has waited long enough to be asked the first question."""
    received = text(context, "NURSE")
    clock.step(AFTER)
    intake.begin(context)
    return received.conversation_id


def asked(context: Context, id: str) -> list[str]:
    return [name for name in lines(context, id) if name.startswith("intake_")]


def open_now(context: Context, id: str) -> str | None:
    with context.database.reading() as session:
        found = session.get(OpenQuestion, id)
        return found.kind if found else None


def test_the_questions_come_after_a_moment_one_by_one(context: Context, clock: FakeClock) -> None:
    received = text(context, "NURSE")
    intake.begin(context)
    assert asked(context, received.conversation_id) == []
    clock.step(AFTER)
    intake.begin(context)
    intake.begin(context)
    assert asked(context, received.conversation_id) == ["intake_about"]


def test_each_answer_is_kept_as_it_was_said_and_brings_the_next(
    context: Context, waiting: str, assistant: ScriptedAssistant, sender: CarefulSender
) -> None:
    text(context, "It's about me, I'm 34")
    text(context, "no")
    text(context, "Penicillin allergy, I take lisinopril")
    assert facts(context) == {
        "about": "It's about me, I'm 34",
        "age": "34",
        "pregnant": "no",
        "allergies": "Penicillin allergy, I take lisinopril",
        "medicines": "Penicillin allergy, I take lisinopril",
        "conditions": "Penicillin allergy, I take lisinopril",
    }
    assert asked(context, waiting) == ["intake_about", "intake_pregnant", "intake_health", "intake_done"]
    assert sender.texts(ALICE)[-1] == "Thank you. The nurse will see what you wrote."
    assert assistant.asked == []
    assert only_case(context).acuity == "routine"


def test_a_bare_age_says_nothing_of_whom(context: Context, waiting: str) -> None:
    text(context, "34")
    assert facts(context) == {"age": "34"}


@pytest.mark.parametrize(
    "said", ["my son, he is 5", "my daughter, 7 months", "my husband, 40", "me, 61", "mi hijo de 20 años"]
)
def test_who_cannot_be_pregnant_is_not_asked(context: Context, waiting: str, said: str) -> None:
    text(context, said)
    assert asked(context, waiting) == ["intake_about", "intake_health"]
    assert facts(context)["about"] == said
    assert only_case(context).acuity == "routine"  # what only sounds urgent raises nothing


# May we write and call here?


def asked_contact(context: Context) -> None:
    """Two questions are answered, the one about pregnancy does not fit: the third is this one."""
    text(context, "my husband, 40")
    text(context, "no allergies, takes lisinopril")


def hushed(context: Context) -> bool:
    with context.database.reading() as session:
        return session.scalars(select(Contact.hushed_at)).one() is not None


@pytest.mark.parametrize("said", ["yes", "Y", "Sure, thanks", "sí", "ok"])
def test_where_one_question_is_left_it_asks_whether_we_may_write_and_call_here(
    context: Context, waiting: str, said: str
) -> None:
    asked_contact(context)
    assert asked(context, waiting) == ["intake_about", "intake_health", "intake_contact"]
    text(context, said)
    assert facts(context)["safe_to_contact"] == "yes"
    assert lines(context, waiting)[-1] == "intake_done"
    assert not hushed(context)


@pytest.mark.parametrize("said", ["no", "NO.", "nope", "don't call me", "not safe"])
def test_after_a_no_nothing_automatic_is_sent_and_the_nurse_still_comes(
    context: Context, waiting: str, sender: CarefulSender, said: str
) -> None:
    asked_contact(context)
    sent = len(sender.texts(ALICE))
    text(context, said)
    assert facts(context)["safe_to_contact"] == "no"
    assert hushed(context)
    text(context, "are you there?")
    assert len(sender.texts(ALICE)) == sent
    assert only_case(context).state == "waiting"
    nurse.claim(context, staff(context), only_case(context).id)
    nurse.say(context, staff(context), only_case(context).id, "m1", "Hello")
    settle(context)
    assert sender.texts(ALICE)[-1] == "Hello"


@pytest.mark.parametrize("said", ["skip", "only after five", "what do you mean?"])
def test_what_is_neither_yes_nor_no_says_nothing(context: Context, waiting: str, said: str) -> None:
    asked_contact(context)
    text(context, said)
    assert "safe_to_contact" not in facts(context)
    assert not hushed(context)


def test_there_are_never_more_than_three_questions(context: Context, waiting: str) -> None:
    for said in ("me, 34", "no", "none that I know of"):
        text(context, said)
    assert asked(context, waiting)[:3] == ["intake_about", "intake_pregnant", "intake_health"]
    assert asked(context, waiting)[3:] == ["intake_done"]


@pytest.mark.parametrize("number", [None, "+12025550177"])
def test_a_web_patient_is_asked_only_about_a_number_they_left(
    context: Context, clock: FakeClock, number: str | None
) -> None:
    _, id = patient.start_chat(context)
    write(context, id, "NURSE")
    write(context, id, number or "1")
    clock.step(AFTER)
    intake.begin(context)
    write(context, id, "my husband, 40")
    write(context, id, "takes lisinopril")
    assert ("intake_contact" in asked(context, id)) is (number is not None)


def test_who_wants_no_calls_is_not_asked_again(context: Context, waiting: str) -> None:
    with context.transaction() as session:
        case = only_case(context)
        session.get_one(Person, case.person_id).tell("text_only", "yes", case.id)
    asked_contact(context)
    assert asked(context, waiting) == ["intake_about", "intake_health", "intake_done"]


def test_the_words_of_that_question_tell_nobody_of_a_danger(context: Context) -> None:
    for language in context.country.languages:
        words = context.line("intake_contact", language).lower()
        assert not any(one in words for one in ("safe", "danger", "private", "partner", "segur", "peligro"))


def test_what_was_skipped_stays_absent(context: Context, waiting: str) -> None:
    for said in ("skip", "SKIP", "I'd rather not say"):
        text(context, said)
    assert facts(context) == {}
    assert events(context).count("intake_skipped") == 3
    assert asked(context, waiting) == ["intake_about", "intake_pregnant", "intake_health"]


def test_on_the_web_there_is_a_button_to_skip(context: Context, clock: FakeClock) -> None:
    _, id = patient.start_chat(context)
    write(context, id, "NURSE")
    write(context, id, "1")  # no number
    clock.step(AFTER)
    intake.begin(context)
    with context.database.reading() as session:
        shown = patient.messages_for_patient(session, session.get_one(Conversation, id))
    assert [one["label"] for one in shown[-1]["choices"]] == ["Skip"]
    write(context, id, "1")
    assert asked(context, id) == ["intake_about", "intake_pregnant"]


@pytest.mark.parametrize("said", ["what is asthma", "can I take ibuprofen?", "¿puedo comer?"])
def test_a_question_is_answered_and_ends_ours(
    context: Context, waiting: str, assistant: ScriptedAssistant, said: str
) -> None:
    text(context, said)
    assert [one.text for one in assistant.asked] == [said]
    assert facts(context) == {}
    text(context, "thank you so much")
    intake.begin(context)
    assert asked(context, waiting) == ["intake_about"]
    assert facts(context) == {}


def test_who_lets_it_pass_is_not_asked_another(context: Context, clock: FakeClock, waiting: str) -> None:
    clock.step(LASTS)
    intake.begin(context)
    text(context, "me, 34")
    assert asked(context, waiting) == ["intake_about"]
    assert facts(context) == {}


@pytest.mark.parametrize("said", ["NURSE", "i want to talk to a person"])
def test_asking_for_the_nurse_is_no_answer(context: Context, waiting: str, said: str) -> None:
    text(context, said)
    assert facts(context) == {}


def test_help_and_stop_keep_their_meaning(context: Context, waiting: str) -> None:
    text(context, "HELP")
    assert lines(context, waiting)[-1] == "help"
    text(context, "STOP")
    assert lines(context, waiting)[-1] == "stop"
    assert open_now(context, waiting) is None


def test_a_danger_as_the_answer_is_a_danger(context: Context, waiting: str) -> None:
    text(context, CHEST)
    assert only_case(context).acuity == "emergency"
    assert facts(context) == {}


def test_a_sign_in_the_answer_is_kept_and_raises_the_case(context: Context, waiting: str) -> None:
    text(context, "me 30 and i have a fever of 103 for four days")
    assert only_case(context).acuity == "urgent"
    assert facts(context)["about"].startswith("me 30")
    assert asked(context, waiting) == ["intake_about"]


def test_distress_in_the_answer_is_heard(context: Context, waiting: str) -> None:
    text(context, "who cares anymore about me")
    assert only_case(context).acuity == "distress"
    assert asked(context, waiting) == ["intake_about"]


def test_never_mind_is_no_answer(context: Context, waiting: str) -> None:
    text(context, "never mind")
    assert only_case(context).state == "closed"


@pytest.mark.parametrize(
    "values",
    [{"acuity": "distress"}, {"acuity": "crisis"}, {"opened_why": "unreadable"}, {"families": ["suicide"]}],
)
def test_some_cases_are_asked_nothing(context: Context, clock: FakeClock, values: dict[str, object]) -> None:
    received = text(context, "NURSE")
    with context.transaction() as session:
        session.execute(update(Case).values(**values))
    clock.step(AFTER)
    intake.begin(context)
    assert asked(context, received.conversation_id) == []


def test_a_quiet_conversation_and_an_unsafe_phone_are_asked_nothing(
    context: Context, clock: FakeClock
) -> None:
    received = text(context, "NURSE")
    clock.step(AFTER)
    for field in ("quiet_at", "hushed_at"):
        with context.transaction() as session:
            found = session.get_one(Conversation, received.conversation_id)
            found.quiet_at = clock.now() if field == "quiet_at" else None
            found.contact.hushed_at = clock.now() if field == "hushed_at" else None
        intake.begin(context)
        assert asked(context, received.conversation_id) == []
    with context.transaction() as session:
        session.get_one(Conversation, received.conversation_id).contact.hushed_at = None
    intake.begin(context)
    assert asked(context, received.conversation_id) == ["intake_about"]


def test_once_a_nurse_is_there_the_nurse_asks(context: Context, clock: FakeClock, waiting: str) -> None:
    nurse.claim(context, staff(context), only_case(context).id)
    assert open_now(context, waiting) is None
    text(context, "me, 34")
    assert facts(context) == {}


def test_nothing_is_asked_while_something_else_is_or_is_being_answered(
    context: Context, clock: FakeClock
) -> None:
    _, id = patient.start_chat(context)
    write(context, id, "NURSE")
    clock.step(AFTER)
    intake.begin(context)
    assert open_now(context, id) == "number"
    assert asked(context, id) == []
    settle(context)


def test_it_is_asked_in_the_patients_language(
    context: Context, clock: FakeClock, sender: CarefulSender
) -> None:
    text(context, "quiero hablar con una enfermera por favor")
    clock.step(AFTER)
    intake.begin(context)
    settle(context)
    assert sender.texts(ALICE)[-1].startswith("Mientras espera, hasta tres preguntas cortas")
