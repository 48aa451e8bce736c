"""A human is needed: open the case or raise it, and tell the patient truly what happens next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.triage import Evidence
from handoff.context import Context, wake
from handoff.journeys.speech import say_line
from handoff.models.case import ACUITIES, DANGERS, Case, Promise
from handoff.models.contact import Person
from handoff.models.conversation import BOT, Conversation, OpenQuestion
from handoff.models.staff import Staff
from handoff.models.turn import Turn
from handoff.wakeups import DESK

CALM_EVERY = timedelta(minutes=5)
DUTY_LASTS = timedelta(minutes=3)
"""How long a nurse counts as on duty after the desk was last heard of."""

DAYS_ES = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")

Reason = dict[str, str]


def need_nurse(
    session: Session,
    context: Context,
    conversation: Conversation,
    acuity: str,
    why: str,
    reasons: Sequence[Reason],
    about: str = "unknown",
) -> tuple[Case, bool]:
    """Open the conversation's case, or raise the open one. Returns it, and whether it is new.

    Nothing is said to the patient here, since what fits depends on why.
    """
    now = context.clock.now()
    wake(session, DESK)
    case = Case.open_in(session, conversation)
    if case is not None:
        case.rise(session, acuity, reasons, due_times(context), now)
        _alarm(session, case, acuity, now)
        return case, False
    person = Person.of(session, conversation.contact, about)
    case = Case.open(
        session, conversation, acuity, why, reasons, due_times(context), now, person_id=person.id
    )
    Turn.hand_over_pending(session, conversation, now)
    OpenQuestion.drop(session, conversation)
    conversation.failures = 0
    _alarm(session, case, acuity, now)
    return case, True


def _alarm(session: Session, case: Case, acuity: str, now: datetime) -> None:
    """The ladder of alarms starts where the danger is found, on duty or not (`ladder.py` climbs it)."""
    if acuity in DANGERS:
        case.start_alarm(session, now)


def hand_off(
    session: Session,
    context: Context,
    conversation: Conversation,
    acuity: str,
    why: str,
    reasons: Sequence[Reason],
    about: str = "unknown",
) -> Case:
    """`need_nurse`, and tell the patient: who comes, or truly that nobody is there now and until when."""
    case, new = need_nurse(session, context, conversation, acuity, why, reasons, about)
    if not new:
        calm(session, context, conversation, case)
    elif nurses_on_duty(session, context):
        say_line(session, context, conversation, "urgent" if acuity == "urgent" else "handoff")
        case.calmed_at = context.clock.now()
    else:
        _tell_nobody_is_there(session, context, conversation, case)
    return case


def calm(session: Session, context: Context, conversation: Conversation, case: Case) -> None:
    """One line that a nurse has the message, at most every five minutes."""
    now = context.clock.now()
    if case.calmed_at is not None and now - case.calmed_at < CALM_EVERY:
        return
    case.calmed_at = now
    danger = case.acuity in DANGERS
    name = "waiting_danger" if danger else "waiting"
    if nurses_on_duty(session, context):
        say_line(session, context, conversation, name)
    elif danger:
        say_line(session, context, conversation, "nobody_on_duty_danger")


def nurses_on_duty(session: Session, context: Context) -> list[Staff]:
    return Staff.on_duty(session, context.clock.now() - DUTY_LASTS)


def due_times(context: Context) -> dict[str, timedelta]:
    """From arrival to the nurse's first message, by acuity (settings; our own promise)."""
    return {acuity: timedelta(seconds=context.settings.due(acuity)) for acuity in ACUITIES}


def reasons_from(evidence: Sequence[Evidence]) -> list[Reason]:
    return [{"code": one.code, "span": one.span, "why": one.why} for one in evidence]


def reason(code: str, why: str, span: str = "") -> list[Reason]:
    return [{"code": code, "span": span, "why": why}]


def take_back(session: Session, context: Context, case: Case, what: str, why: str) -> None:
    """Return an active case to the queue with its due time kept; the bot stays silent as the acuity says.

    A danger rings again: nobody is with the patient.
    """
    now = context.clock.now()
    case.move(session, ("active", "offered"), state="waiting", holder_id=None, lease_until=None)
    case.conversation.hand_to(BOT)
    case.record(session, what, now, why=why)
    _alarm(session, case, case.acuity, now)
    wake(session, DESK)


def _tell_nobody_is_there(session: Session, context: Context, conversation: Conversation, case: Case) -> None:
    now = context.clock.now()
    if case.acuity == "urgent":
        say_line(session, context, conversation, "urgent_nobody_on_duty")
        return
    opening = context.settings.hours.next_opening(now)
    if opening <= now:  # within hours, yet nobody is signed in: there is no time that we could promise
        say_line(session, context, conversation, "nobody_on_duty")
        return
    due = opening + due_times(context)[case.acuity]
    when = _clock_words(due, now, ZoneInfo(context.settings.timezone), conversation.contact.language)
    said = say_line(session, context, conversation, "nobody_on_duty_until", when=when)
    if said is not None:
        session.add(Promise(case_id=case.id, text=said.text, made_at=now, due_at=due))


def _clock_words(moment: datetime, now: datetime, zone: ZoneInfo, language: str) -> str:
    """Such as `9:30 AM today` or `el lunes a las 8:30 a. m.`, in the clinic's own time."""
    there = moment.astimezone(zone)
    today = there.date() == now.astimezone(zone).date()
    hour = there.strftime("%I:%M").lstrip("0")
    if language == "es":
        at = "la" if hour.startswith("1:") else "las"
        day = "hoy" if today else f"el {DAYS_ES[there.weekday()]}"
        return f"{day} a {at} {hour} {'a. m.' if there.hour < 12 else 'p. m.'}"
    return f"{hour} {there.strftime('%p')} {'today' if today else 'on ' + there.strftime('%A')}"
