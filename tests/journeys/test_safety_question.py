"""One short question after a danger; only a clear yes is a yes, and it lowers nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from handoff.context import Context
from handoff.journeys import cards, nurse, patient
from handoff.journeys.patient import Incoming
from handoff.journeys.safety_question import (
    CALLED,
    LASTS,
    SAFE,
    SAFE_OTHER,
    close_unanswered,
    question_for,
    read,
)
from handoff.models.case import Case, Page
from handoff.models.conversation import Conversation, OpenQuestion
from handoff.models.staff import Staff
from tests.fixtures import CarefulSender, FakeClock, ScriptedAssistant, settle, staff
from tests.journeys import helpers
from tests.journeys.helpers import ALICE, CHEST, conversation, only_case, text, transcript

SUICIDE = "i want to kill myself"


def events(context: Context) -> list[tuple[str, str | None]]:
    """What is on the card about the question: (what, which question)."""
    with context.database.reading() as session:
        case = session.get_one(Case, only_case(context).id)
        return [(one.what, one.why) for one in case.events(session) if one.what.startswith("safety_")]


def question(context: Context, conversation_id: str) -> str | None:
    """The kind of the open question, but for that of the place, which comes next."""
    with context.database.reading() as session:
        found = session.get(OpenQuestion, conversation_id)
        return found.kind if found and found.kind != "place" else None


def lines(context: Context, conversation_id: str) -> list[str]:
    """What was said, without the question of the place that follows (see test_cut_off.py)."""
    said = helpers.lines(context, conversation_id)
    return [name for name in said if not name.startswith("place_question")]


def rings(context: Context) -> int:
    with context.database.reading() as session:
        return len(session.scalars(select(Page).where(Page.kind == "desk")).all())


def send_everybody_home(context: Context) -> None:
    with context.transaction() as session:
        session.execute(update(Staff).values(always_on_duty=False))


# Which question


def test_self_harm_is_asked_whether_they_are_safe(context: Context, sender: CarefulSender) -> None:
    received = text(context, SUICIDE)
    assert sender.texts(ALICE)[-1] == "Are you safe right now? Reply 1 for yes, 2 for no."
    assert question(context, received.conversation_id) == "safety"
    assert events(context) == [("safety_asked", SAFE)]


def test_an_emergency_is_asked_whether_they_have_called(context: Context, sender: CarefulSender) -> None:
    text(context, CHEST)
    assert sender.texts(ALICE)[-1] == "Have you called 911? Reply 1 for yes, 2 if you cannot."


def test_the_question_comes_after_the_safety_copy_and_once(context: Context) -> None:
    received = text(context, SUICIDE)
    said = [author for author, _ in transcript(context, received.conversation_id)]
    assert said == ["patient", "safety", "system", "system"]
    text(context, SUICIDE)
    assert lines(context, received.conversation_id).count(SAFE) == 1


@pytest.mark.parametrize(
    ("acuity", "families", "about", "fits"),
    [
        ("crisis", ["suicide"], "self", SAFE),
        ("crisis", ["self-harm"], "unknown", SAFE),
        ("crisis", ["after-birth"], "self", SAFE),
        ("crisis", ["suicide"], "other", SAFE_OTHER),
        ("crisis", ["self-harm"], "child", SAFE_OTHER),
        ("crisis", ["poison", "suicide"], "self", CALLED),
        ("emergency", ["medical"], "other", CALLED),
        ("emergency", ["eating-disorder"], "self", CALLED),
        ("crisis", ["violence"], "self", None),
        ("crisis", ["sexual-assault"], "self", None),
        ("crisis", ["child-abuse"], "child", None),
        ("crisis", ["elder-abuse"], "other", None),
        ("crisis", ["danger-to-others"], "self", None),
        ("crisis", ["psychosis"], "self", None),
        ("emergency", ["medical", "violence"], "self", None),
    ],
)
def test_the_question_fits_the_danger_or_is_not_asked(
    acuity: str, families: list[str], about: str, fits: str | None
) -> None:
    assert question_for(acuity, families, about) == fits


def test_nobody_in_violence_is_asked_not_even_about_another_danger_later(context: Context) -> None:
    received = text(context, "my husband hits me")
    text(context, CHEST)
    text(context, SUICIDE)
    assert question(context, received.conversation_id) is None
    assert events(context) == []


def test_nobody_is_asked_where_violence_was_told_of_somebody_else(context: Context) -> None:
    received = text(context, "my friend is being beaten by her husband")
    assert conversation(context, received.conversation_id).contact.hushed_at is None
    assert "violence" in only_case(context).families
    text(context, CHEST)
    assert events(context) == []


def test_a_hushed_phone_is_asked_nothing(context: Context, clock: FakeClock) -> None:
    received = text(context, "hello")
    with context.transaction() as session:
        found = session.get_one(Conversation, received.conversation_id)
        found.contact.hushed_at = clock.now()
    text(context, CHEST)
    assert question(context, received.conversation_id) is None


def test_with_nobody_on_duty_nothing_is_asked(context: Context) -> None:
    send_everybody_home(context)
    received = text(context, SUICIDE)
    assert question(context, received.conversation_id) is None


def test_while_a_nurse_has_the_case_the_nurse_asks(context: Context) -> None:
    received = text(context, "NURSE")
    nurse.claim(context, staff(context), only_case(context).id)
    text(context, SUICIDE)
    assert question(context, received.conversation_id) is None


# What counts as yes


@pytest.mark.parametrize("said", ["1", " 1. ", "1\ufe0f\u20e3", "Yes", "YES!", "yeah", "y", "si", "Sí."])
@pytest.mark.parametrize("asked", [SAFE, SAFE_OTHER, CALLED])
def test_a_clear_yes(said: str, asked: str) -> None:
    assert read(said, asked) == "yes"


@pytest.mark.parametrize(
    ("said", "asked"),
    [("yes i am safe", SAFE), ("I’m safe", SAFE), ("yes they are safe", SAFE_OTHER), ("I called", CALLED)],
)
def test_a_yes_in_more_words(said: str, asked: str) -> None:
    assert read(said, asked) == "yes"


@pytest.mark.parametrize(
    "said",
    ["2", "no", "", "?", "1?", "12", "1 2", "ok", "sure", "maybe", "yes but i have the pills", "not yes",
     "i guess", "yes and no", "what", "HELP", "NURSE", "👍", "11", "i'm not safe", "no im safe"],
)  # fmt: skip
@pytest.mark.parametrize("asked", [SAFE, SAFE_OTHER, CALLED])
def test_anything_else_counts_as_no(said: str, asked: str) -> None:
    assert read(said, asked) == "no"


# What follows


@pytest.mark.parametrize("said", ["1", "yes"])
def test_a_yes_is_recorded_thanked_and_lowers_nothing(
    context: Context, assistant: ScriptedAssistant, said: str
) -> None:
    received = text(context, SUICIDE)
    before = rings(context)
    text(context, said)
    case = only_case(context)
    assert events(context)[-1] == ("safety_yes", SAFE)
    assert lines(context, received.conversation_id)[-1] == "all_clear"
    assert (case.acuity, case.state, case.alarmed_at is not None) == ("crisis", "waiting", True)
    assert question(context, received.conversation_id) is None
    assert rings(context) == before
    assert assistant.asked == []


def test_a_yes_to_having_called_is_thanked_in_words_that_fit(context: Context) -> None:
    received = text(context, CHEST)
    text(context, "1")
    assert lines(context, received.conversation_id)[-1] == "emergency_called"
    assert only_case(context).acuity == "emergency"


@pytest.mark.parametrize("said", ["2", "no", "what do you mean", "HELP", "NURSE"])
def test_a_no_in_a_crisis_is_recorded_answered_and_the_desk_rings_again(
    context: Context, clock: FakeClock, said: str
) -> None:
    received = text(context, SUICIDE)
    before = rings(context)
    clock.step(timedelta(seconds=20))
    text(context, said)
    assert events(context)[-1] == ("safety_no", SAFE)
    assert lines(context, received.conversation_id)[-1] == "waiting_danger"
    assert rings(context) == before + 1


def test_a_no_in_an_emergency_is_answered_with_how_to_call_without_speaking(
    context: Context, sender: CarefulSender
) -> None:
    received = text(context, CHEST)
    before = rings(context)
    text(context, "2")
    assert lines(context, received.conversation_id)[-2:] == ["call_now", "cannot_speak"]
    assert "Text 911" in sender.texts(ALICE)[-2]
    assert rings(context) == before + 1


def test_a_danger_as_the_answer_is_a_danger_and_a_no(context: Context) -> None:
    received = text(context, CHEST)
    text(context, SUICIDE)
    assert ("safety_no", CALLED) in events(context)
    assert events(context)[-1] == ("safety_asked", SAFE)  # a new danger: its own copy and its own question
    assert question(context, received.conversation_id) == "safety"


def test_a_picture_counts_as_no(context: Context) -> None:
    text(context, SUICIDE)
    text(context, "1", media=({"content_type": "image/jpeg", "url": "https://media.example.org/1"},))
    assert events(context)[-1] == ("safety_no", SAFE)


def test_a_yes_that_the_carrier_takes_for_an_opt_in_is_still_the_answer(context: Context) -> None:
    received = text(context, SUICIDE)
    text(context, "YES", opt_out_type="START")
    assert events(context)[-1] == ("safety_yes", SAFE)
    assert lines(context, received.conversation_id)[-1] == "all_clear"


def test_stop_is_a_no_and_is_obeyed(context: Context) -> None:
    received = text(context, SUICIDE)
    text(context, "STOP")
    assert events(context)[-1] == ("safety_no", SAFE)
    assert conversation(context, received.conversation_id).contact.opted_out_at is not None
    assert lines(context, received.conversation_id)[-1] == "stop"


def test_the_answer_is_bound_once(context: Context, clock: FakeClock) -> None:
    received = text(context, SUICIDE)
    text(context, "1")
    clock.step(timedelta(minutes=6))
    text(context, "2")
    assert [what for what, _ in events(context)] == ["safety_asked", "safety_yes"]
    assert lines(context, received.conversation_id)[-1] == "waiting_danger"


def test_silence_is_no_yes(context: Context, clock: FakeClock) -> None:
    received = text(context, SUICIDE)
    clock.step(LASTS)
    before = rings(context)
    close_unanswered(context)
    close_unanswered(context)
    assert events(context)[-1] == ("safety_unanswered", SAFE)
    assert rings(context) == before + 1
    assert question(context, received.conversation_id) is None


def test_a_claim_leaves_the_question_open_and_the_nurse_sees_the_answer(context: Context) -> None:
    received = text(context, SUICIDE)
    nurse.claim(context, staff(context), only_case(context).id)
    said = len(transcript(context, received.conversation_id))
    text(context, "1")
    assert events(context)[-1] == ("safety_yes", SAFE)
    assert len(transcript(context, received.conversation_id)) == said + 1  # nobody talks over the nurse


def test_once_a_nurse_has_written_an_answer_is_the_nurses(context: Context) -> None:
    received = text(context, SUICIDE)
    dana = staff(context)
    case = nurse.claim(context, dana, only_case(context).id)
    nurse.say(context, dana, case.id, "m1", "Do you have somebody with you? 1 yes, 2 no")
    assert question(context, received.conversation_id) is None
    text(context, "1")
    assert events(context) == [("safety_asked", SAFE)]


def test_the_card_says_what_was_asked_and_answered(context: Context) -> None:
    text(context, SUICIDE)

    def assessment() -> str:
        with context.database.reading() as session:
            return cards.sbar(session, session.get_one(Case, only_case(context).id))["assessment"]

    assert "safe right now: no answer yet" in assessment()
    text(context, "i don't know")
    assert "safe right now: no clear yes, which counts as no" in assessment()


def test_it_is_asked_on_the_web_too(context: Context) -> None:
    _, id = patient.start_chat(context)
    patient.receive(context, Incoming("web", "1", SUICIDE, conversation_id=id))
    settle(context)
    patient.receive(context, Incoming("web", "2", "1", conversation_id=id))
    settle(context)
    assert lines(context, id)[-2:] == [SAFE, "all_clear"]


def test_it_replaces_any_other_question_and_nothing_replaces_it(context: Context, clock: FakeClock) -> None:
    received = text(context, "hello")
    with context.transaction() as session:
        found = session.get_one(Conversation, received.conversation_id)
        OpenQuestion.ask(session, found, "offer", clock.now(), LASTS)
    text(context, SUICIDE)
    with context.transaction() as session:
        found = session.get_one(Conversation, received.conversation_id)
        OpenQuestion.ask(session, found, "offer", clock.now(), LASTS)
    assert question(context, received.conversation_id) == "safety"


def test_it_is_asked_in_the_patients_language(context: Context, sender: CarefulSender) -> None:
    text(context, "me quiero morir")
    assert "a salvo" in sender.texts(ALICE)[-1]
    text(context, "sí")
    assert events(context)[-1] == ("safety_yes", SAFE)
