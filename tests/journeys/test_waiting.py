"""How long it takes is said only from real waits, again when it changes, and never in danger."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from handoff.context import Context
from handoff.contract import Choice, Reply, TurnReply
from handoff.journeys import nurse, patient, waiting
from handoff.journeys.waiting import LATELY, LEAST, NEWEST, SILENCE, Range, Waits
from handoff.models.case import CLOSED, Case
from handoff.models.contact import Contact
from handoff.models.conversation import Conversation
from tests.fixtures import CarefulSender, FakeClock, ScriptedAssistant, settle, staff
from tests.journeys.helpers import (
    ALICE,
    BOB,
    CHEST,
    lines,
    only_case,
    open_hours,
    send_everybody_home,
    text,
    write,
)

HOUR = timedelta(hours=1)
URGENT = "i have a fever of 103 for four days"


def minutes(*waits: float) -> list[timedelta]:
    return sorted(timedelta(minutes=one) for one in waits)


def others_waited(
    context: Context, *waits: float, acuity: str = "routine", ago: timedelta = HOUR, reopened: bool = False
) -> None:
    """Closed cases whose nurse wrote after so many minutes."""
    opened = context.clock.now() - ago
    with context.transaction() as session:
        for one in waits:
            contact = Contact.at(session, "web", uuid4().hex, None, opened)
            conversation = Conversation.of(session, contact, "web", opened)
            case = Case(
                conversation_id=conversation.id, channel="web", state=CLOSED, acuity=acuity, band=2,
                opened_at=opened, queued_at=opened, due_at=opened, opened_why="asked", opened_seq=0,
                first_reply_at=opened + timedelta(minutes=one),
            )  # fmt: skip
            session.add(case)
            session.flush()
            if reopened:
                case.record(session, "reopened", opened)


def wait_lines(context: Context, id: str) -> list[str]:
    return [name for name in lines(context, id) if name.startswith("wait_")]


# What is usual


def test_without_a_basis_there_is_no_estimate() -> None:
    assert Waits(minutes(*[10] * (LEAST - 1))).usual() is None
    assert Waits(minutes(*[10] * LEAST)).usual() is not None


def test_it_is_from_the_first_to_the_ninth_tenth_rounded_outwards() -> None:
    assert Waits(minutes(1, 7, 8, 9, 10, 11, 12, 12, 13, 90)).usual() == Range(5, 15)


def test_nobody_is_told_less_than_somebody_before_them_waits_already() -> None:
    waits = minutes(1, 7, 8, 9, 10, 11, 12, 12, 13, 90)
    assert Waits(waits, timedelta(minutes=31)).usual() == Range(5, 35)


def test_for_one_who_has_waited_only_those_who_waited_as_long_count() -> None:
    waits = Waits(minutes(*range(1, 31)))
    assert waits.usual(timedelta(minutes=20)) == Range(0, 10)
    assert waits.usual(timedelta(minutes=21)) is None


@pytest.mark.parametrize(
    ("usual", "en", "es"),
    [
        (Range(5, 15), "5 to 15 minutes", "de 5 a 15 minutos"),
        (Range(0, 10), "up to 10 minutes", "hasta 10 minutos"),
        (Range(55, 90), "up to 2 hours", "hasta 2 horas"),
        (Range(60, 185), "1 to 4 hours", "de 1 a 4 horas"),
    ],
)
def test_a_range_is_said_in_plain_words(context: Context, usual: Range, en: str, es: str) -> None:
    assert (usual.words(context, "en"), usual.words(context, "es")) == (en, es)


# At the hand-off


def test_at_the_hand_off_the_patient_hears_what_is_usual(context: Context, sender: CarefulSender) -> None:
    others_waited(context, *range(6, 16))
    text(context, "NURSE")
    assert sender.texts(ALICE)[-1] == (
        "A nurse's first message usually takes 5 to 15 minutes. It can take longer."
    )


def test_it_is_said_in_spanish(context: Context, sender: CarefulSender) -> None:
    others_waited(context, *range(6, 16), acuity="routine")
    text(context, "quiero hablar con una enfermera por favor")
    assert "suele tardar de 5 a 15 minutos" in sender.texts(ALICE)[-1]


def test_with_nine_waits_nothing_is_said(context: Context) -> None:
    others_waited(context, *range(6, 15))
    assert wait_lines(context, text(context, "NURSE").conversation_id) == []


def test_waits_of_another_acuity_promise_nothing(context: Context) -> None:
    others_waited(context, *range(1, 11), acuity="urgent")
    assert wait_lines(context, text(context, "NURSE").conversation_id) == []


def test_old_waits_and_those_of_reopened_cases_are_no_basis(context: Context) -> None:
    others_waited(context, *range(6, 16), ago=LATELY + HOUR)
    others_waited(context, *range(6, 16), reopened=True)
    assert wait_lines(context, text(context, "NURSE").conversation_id) == []


def test_a_night_is_not_counted_as_a_wait(context: Context, clock: FakeClock) -> None:
    open_hours(context, "mon-fri 08:00-17:00")  # it is Monday, 10:00
    others_waited(context, *range(600, 610), ago=timedelta(hours=14))
    assert wait_lines(context, text(context, "NURSE").conversation_id) == []


def test_only_the_newest_waits_count(context: Context, sender: CarefulSender) -> None:
    others_waited(context, *[100] * NEWEST, ago=timedelta(days=2))
    others_waited(context, *range(6, 16), *range(6, 16), *range(6, 16), *range(6, 16))
    text(context, "NURSE")
    assert "5 to 15 minutes" in sender.texts(ALICE)[-1]


def test_no_time_is_named_that_lies_after_the_nurses_go_home(context: Context, clock: FakeClock) -> None:
    open_hours(context, "mon-fri 08:00-17:00")
    others_waited(context, *range(6, 16))
    clock.step(timedelta(hours=6, minutes=50))
    assert wait_lines(context, text(context, "NURSE").conversation_id) == []


def test_in_danger_no_time_is_ever_named(context: Context, clock: FakeClock) -> None:
    for acuity in ("crisis", "emergency"):
        others_waited(context, *range(1, 21), acuity=acuity)
    received = text(context, CHEST)
    for _ in range(30):
        clock.step(timedelta(minutes=5))
        waiting.keep_told(context)
    assert wait_lines(context, received.conversation_id) == []


# Again


def test_after_a_silence_they_hear_that_they_are_not_forgotten_and_ever_less_often(
    context: Context, clock: FakeClock
) -> None:
    received = text(context, "NURSE")
    heard = []
    for minute in range(1, 241):
        clock.step(timedelta(minutes=1))
        before = len(wait_lines(context, received.conversation_id))
        waiting.keep_told(context)
        if len(wait_lines(context, received.conversation_id)) > before:
            heard.append(minute)
    assert heard == [15, 30, 60, 120, 240]
    assert set(wait_lines(context, received.conversation_id)) == {"wait_still"}


def test_what_we_say_meanwhile_is_no_silence(context: Context, clock: FakeClock) -> None:
    received = text(context, "NURSE")
    clock.step(SILENCE - timedelta(minutes=1))
    text(context, "what is asthma")
    clock.step(timedelta(minutes=1))
    waiting.keep_told(context)
    assert wait_lines(context, received.conversation_id) == []


def test_a_wait_that_clearly_changes_is_told_at_most_every_five_minutes(
    context: Context, clock: FakeClock, sender: CarefulSender
) -> None:
    others_waited(context, *range(6, 16))
    received = text(context, "NURSE")
    others_waited(context, *[40] * NEWEST, ago=timedelta(minutes=30))
    clock.step(timedelta(minutes=4))
    waiting.keep_told(context)
    assert wait_lines(context, received.conversation_id) == ["wait_usual"]
    clock.step(timedelta(minutes=1))
    waiting.keep_told(context)
    waiting.keep_told(context)
    assert wait_lines(context, received.conversation_id) == ["wait_usual", "wait_changed"]
    settle(context)
    assert "From now it usually takes 35 to 40 minutes." in sender.texts(ALICE)[-1]


def test_one_who_waits_longer_than_was_told_hears_that_we_are_sorry(
    context: Context, clock: FakeClock
) -> None:
    others_waited(context, *range(6, 16))
    received = text(context, "NURSE")
    clock.step(timedelta(minutes=16))
    waiting.keep_told(context)
    assert wait_lines(context, received.conversation_id) == ["wait_usual", "wait_longer"]
    clock.step(timedelta(minutes=5))
    waiting.keep_told(context)
    assert wait_lines(context, received.conversation_id) == ["wait_usual", "wait_longer"]


def test_once_a_nurse_has_the_case_nothing_more_is_said(context: Context, clock: FakeClock) -> None:
    received = text(context, "NURSE")
    nurse.claim(context, staff(context), only_case(context).id)
    clock.step(HOUR)
    waiting.keep_told(context)
    assert wait_lines(context, received.conversation_id) == []


def test_with_nobody_on_duty_no_wait_is_spoken_of(context: Context, clock: FakeClock) -> None:
    received = text(context, "NURSE")
    send_everybody_home(context)
    clock.step(HOUR)
    waiting.keep_told(context)
    assert wait_lines(context, received.conversation_id) == []


def test_each_hears_for_themselves(context: Context, clock: FakeClock) -> None:
    alice = text(context, "NURSE")
    clock.step(timedelta(minutes=10))
    bob = text(context, "NURSE", BOB)
    clock.step(timedelta(minutes=5))
    waiting.keep_told(context)
    assert wait_lines(context, alice.conversation_id) == ["wait_still"]
    assert wait_lines(context, bob.conversation_id) == []


# Asking on


def test_who_waits_can_ask_the_bot_and_pick_from_its_choices(
    context: Context, assistant: ScriptedAssistant
) -> None:
    choices = (Choice("Asthma", "asthma.overview"), Choice("Flu", "flu.overview"))
    assistant.answer = lambda request: TurnReply(
        "clarify" if request.facts.chosen is None else "chat", (Reply(text="Which?"),), choices
    )
    _, id = patient.start_chat(context)
    write(context, id, "NURSE")
    write(context, id, "what about asthma")
    write(context, id, "2")
    assert [one.facts.chosen for one in assistant.asked] == [None, "flu.overview"]
