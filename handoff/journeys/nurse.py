"""The nurse's side: take a case, talk, hand on, close. Each act loads what this nurse may act on.

What a nurse reads is in `cards.py`.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff import audit
from handoff.content.render import render
from handoff.context import Context, wake
from handoff.errors import Conflict, Forbidden, Invalid, NotFound
from handoff.journeys import promises, routing
from handoff.journeys.cases import take_back
from handoff.journeys.patient import LONGEST_MESSAGE
from handoff.journeys.speech import say_as_nurse, say_line
from handoff.models.case import (
    ACTIVE,
    ACUITIES,
    CLOSED,
    DANGERS,
    DISPOSITIONS,
    OFFERED,
    SUPERVISOR,
    WAITING,
    Case,
    Page,
    band,
)
from handoff.models.case import DESK as AT_THE_DESK
from handoff.models.conversation import BOT, NUMBER, NURSE, PLACE, Conversation, Message, OpenQuestion
from handoff.models.delivery import FAILED, QUEUED, UNKNOWN, Delivery
from handoff.models.draft import Draft
from handoff.models.offer import Offer
from handoff.models.staff import Staff
from handoff.models.turn import Turn
from handoff.wakeups import DELIVERIES, DESK, conversation_topic

READERS = ("nurse", "approver", "supervisor")
CLAIM_TRIES = 50
"""As many as nurses who may press the button in the same moment."""


def claim_next(context: Context, nurse: Staff) -> Case:
    """Take the next in order that is for this nurse (`routing.py`). NotFound when nobody waits for them.

    Conflict, in words, when nobody in danger waits and the nurse has no room or is on a break.
    """
    for _ in range(CLAIM_TRIES):
        case_id = routing.next_for(context, nurse)
        try:
            return claim(context, nurse, case_id)
        except Conflict:
            continue  # another nurse was faster; look again
    raise Conflict("Other nurses were faster each time. Please try again.")


def claim(context: Context, nurse: Staff, case_id: int, offer_id: int | None = None) -> Case:
    """Take this case; Conflict, with the holder's name, when somebody else has it.

    A nurse who claims their own case again simply has it. Skill, language and room only warn here
    (`routing.misfits`): whoever picks a case by hand has looked at it. An `offer_id` must still stand.
    """
    with context.transaction() as session:
        case = _locked(session, case_id)
        if case.state == ACTIVE and case.holder_id == nurse.id:
            return case
        now = context.clock.now()
        if case.state in (WAITING, OFFERED):
            Offer.settle(session, case, nurse, now, offer_id)
        try:
            case.move(
                session,
                (WAITING, OFFERED),
                state=ACTIVE,
                holder_id=nurse.id,
                known_nurse_id=nurse.id,
                returned=None,
                lease_until=now + _lease(context),
            )
        except Conflict:
            raise _taken(session, case_id) from None
        conversation = case.conversation
        conversation.hand_to(NURSE)
        Turn.hand_over_pending(session, conversation, now)
        # What was asked of safety, place and number still belongs on the card.
        OpenQuestion.drop(session, conversation, but=("safety", PLACE, NUMBER))
        case.record(session, "claimed", now, nurse, routing.misfits_noted(session, context, nurse, case))
        say_line(session, context, conversation, "nurse_joined", nurse=nurse.name)
        audit.record(session, nurse.email, "case.claim", f"case {case.id}", now)
        _wake(session, case)
        return case


def say(
    context: Context,
    nurse: Staff,
    case_id: int,
    client_message_id: str,
    text: str,
    answer_id: str | None = None,
) -> Message:
    """Say something to the patient; with `answer_id` the approved answer of that id, its version recorded.

    The same `client_message_id` twice is one message.
    """
    now = context.clock.now()
    with context.transaction() as session:
        case = _held(session, case_id, nurse)
        conversation = case.conversation
        origin_id = f"case:{case.id}:{nurse.id}:{client_message_id}"
        known = Message.repeated(session, origin_id)
        if known is not None:
            return known
        more: dict[str, object] = {"origin_id": origin_id}
        if answer_id is not None:
            version = context.shelf.get(session, answer_id)
            if version is None:
                raise NotFound("That answer is not served to patients at the moment.", field="answer_id")
            channel = "web" if conversation.channel == "web" else "sms"
            text = render(version, channel, "short", context.shelf.facts)  # type: ignore[arg-type]
            more |= {"answer_id": answer_id, "answer_version": version.number}
        _check_text(text)
        if conversation.contact.opted_out_at is not None and conversation.channel == "sms":
            raise Conflict("This number has opted out of texts, so nothing was sent. Please call instead.")
        message = say_as_nurse(session, context, conversation, nurse, text, **more)
        assert message is not None
        if case.first_reply_at is None:
            case.first_reply_at = now
        promises.answered(session, case, now)
        case.unanswered_since = None
        case.stop_alarm()
        Draft.drop(session, case, nurse.id)
        OpenQuestion.drop(session, conversation)
        conversation.nurse_typing_at = None
        case.lease_until = now + _lease(context)
        _wake(session, case)
        return message


def typing(context: Context, nurse: Staff, case_id: int) -> None:
    """The nurse is writing: the patient's page shows it for a few seconds."""
    with context.transaction() as session:
        case = _held(session, case_id, nurse)
        case.conversation.nurse_typing_at = context.clock.now()
        wake(session, conversation_topic(case.conversation_id))


def add_note(context: Context, nurse: Staff, case_id: int, text: str) -> None:
    """An internal note: the patient never sees it."""
    _check_text(text)
    with context.transaction() as session:
        case = _held(session, case_id, nurse)
        case.record(session, "note", context.clock.now(), nurse, text)
        _wake(session, case)


def transfer(context: Context, nurse: Staff, case_id: int, to: str, note: str) -> Case:
    """Hand the case to another nurse (by e-mail address) or back to the queue (`queue`), with a note."""
    now = context.clock.now()
    with context.transaction() as session:
        case = _held_or_supervised(session, case_id, nurse)
        if to == "queue":
            take_back(session, context, case, "transferred", note or "to the queue")
            say_line(session, context, case.conversation, "transferred")
        else:
            receiver = Staff.by_email(session, to)
            if receiver is None or not receiver.has("nurse") or receiver.disabled_at is not None:
                raise Invalid("There is no nurse with this e-mail address.", field="to")
            if receiver.id == case.holder_id:
                raise Invalid("This nurse has the case already.", field="to")
            case.move(
                session, (ACTIVE,), holder_id=receiver.id, known_nurse_id=receiver.id,
                lease_until=now + _lease(context),
            )  # fmt: skip
            case.conversation.raise_epoch()
            case.record(session, "transferred", now, nurse, f"to {receiver.name}: {note}")
            say_line(session, context, case.conversation, "nurse_joined", nurse=receiver.name)
        audit.record(session, nurse.email, "case.transfer", f"case {case.id}", now)
        _wake(session, case)
        return case


def release(context: Context, nurse: Staff, case_id: int, why: str) -> Case:
    """Give the case back to the queue; its due time stays."""
    with context.transaction() as session:
        case = _held_or_supervised(session, case_id, nurse)
        take_back(session, context, case, "released", why or "released")
        say_line(session, context, case.conversation, "transferred")
        audit.record(session, nurse.email, "case.release", f"case {case.id}", context.clock.now())
        _wake(session, case)
        return case


def close(
    context: Context, nurse: Staff, case_id: int, disposition: str, note: str, return_to_bot: bool
) -> Case:
    """End the case. A crisis or an emergency needs the reason in the note."""
    if disposition not in DISPOSITIONS:
        raise Invalid(f"Choose how the case ended: {', '.join(DISPOSITIONS)}.", field="disposition")
    now = context.clock.now()
    with context.transaction() as session:
        case = _held(session, case_id, nurse)
        if case.acuity in DANGERS and not note.strip():
            raise Invalid(f"Closing a case of {case.acuity} needs a note that says why.", field="note")
        case.move(
            session,
            (ACTIVE,),
            state=CLOSED,
            closed_at=now,
            closed_by=nurse.id,
            disposition=disposition,
            note=note.strip() or None,
            lease_until=None,
        )
        case.stop_alarm()
        Draft.drop(session, case)
        OpenQuestion.drop(session, case.conversation)
        case.record(session, "closed", now, nurse, disposition)
        promises.closed(session, case, now, disposition)
        conversation = case.conversation
        if return_to_bot:
            conversation.hand_to(BOT)
        say_line(session, context, conversation, "closed_to_bot" if return_to_bot else "closed")
        audit.record(session, nurse.email, "case.close", f"case {case.id}", now, disposition)
        _wake(session, case)
        return case


def reopen(context: Context, nurse: Staff, case_id: int, why: str) -> Case:
    """Put a closed case back into the queue."""
    now = context.clock.now()
    with context.transaction() as session:
        case = _locked(session, case_id)
        if not nurse.has("nurse", "supervisor"):
            raise Forbidden("Only a nurse or a supervisor reopens a case.")
        if case.state == CLOSED and Case.open_in(session, case.conversation) is not None:
            raise Conflict("This patient has a newer open case already.")
        case.move(
            session, (CLOSED,), state=WAITING, holder_id=None, closed_at=None, closed_by=None,
            due_at=now + timedelta(seconds=context.settings.due(case.acuity)), first_reply_at=None,
            queued_at=now,
        )  # fmt: skip
        case.conversation.hand_to(BOT)
        if case.acuity in DANGERS:
            case.start_alarm(session, now)
        case.record(session, "reopened", now, nurse, why)
        _wake(session, case)
        return case


def judge_acuity(context: Context, nurse: Staff, case_id: int, acuity: str, why: str) -> Case:
    """Lower (or raise) the acuity by a nurse's judgement, with a reason. The due time never moves later."""
    if acuity not in ACUITIES:
        raise Invalid(f"Choose one of {', '.join(ACUITIES)}.", field="acuity")
    if not why.strip():
        raise Invalid("Say why, for the record.", field="why")
    with context.transaction() as session:
        case = _held(session, case_id, nurse)
        former = case.acuity
        case.move(session, (ACTIVE,), acuity=acuity, band=band(acuity), risen_from=None, risen_why=None)
        if acuity not in DANGERS:
            case.stop_alarm()
            OpenQuestion.drop(session, case.conversation)
        case.record(session, "acuity", context.clock.now(), nurse, f"{former} to {acuity}: {why}")
        _wake(session, case)
        return case


def phone_is_safe(context: Context, nurse: Staff, case_id: int) -> None:
    """The patient has told the nurse that automatic messages on this phone endanger nobody."""
    with context.transaction() as session:
        case = _held(session, case_id, nurse)
        case.conversation.contact.hushed_at = None
        case.record(session, "phone_safe", context.clock.now(), nurse)
        _wake(session, case)


def retry_delivery(context: Context, nurse: Staff, case_id: int, message_seq: int) -> None:
    """Send a failed or unclear text again, because a human has looked at it."""
    now = context.clock.now()
    with context.transaction() as session:
        case = _held(session, case_id, nurse)
        query = select(Message).where(
            Message.conversation_id == case.conversation_id, Message.seq == message_seq
        )
        message = session.scalars(query).one_or_none()
        delivery = Delivery.of(session, message) if message else None
        if delivery is None:
            raise NotFound("There is no such message in this case.", field="seq")
        if not delivery.advance(session, (FAILED, UNKNOWN), QUEUED, now, next_at=now, error=None):
            raise Conflict("This message has not failed, so it is not sent again.")
        case.record(session, "text_retried", now, nurse)
        wake(session, DELIVERIES)
        _wake(session, case)


def acknowledge_page(context: Context, staff: Staff, page_id: int) -> None:
    """Somebody says that they have heard the alarm; only that counts."""
    now = context.clock.now()
    with context.transaction() as session:
        page = session.get(Page, page_id)
        if page is None:
            raise NotFound("There is no such page.")
        if page.kind == AT_THE_DESK:
            raise Conflict("The desk rings until a nurse writes to the patient or logs a call.")
        if page.kind == SUPERVISOR and not staff.has("supervisor"):
            raise Forbidden("This page is for a supervisor.")
        if page.acknowledged_at is None:
            page.acknowledged_at, page.acknowledged_by = now, staff.name
            session.get_one(Case, page.case_id).record(session, "page_acknowledged", now, staff)
        wake(session, DESK)


def heartbeat(context: Context, nurse: Staff) -> None:
    """The nurse's desk is open: their cases stay theirs."""
    now = context.clock.now()
    with context.transaction() as session:
        staff = session.get_one(Staff, nurse.id)
        staff.seen_at = now
        mine = select(Case).where(Case.holder_id == nurse.id, Case.state == ACTIVE)
        for case in session.scalars(mine):
            case.lease_until = now + _lease(context)


def board_heartbeat(context: Context, staff: Staff) -> None:
    """This supervisor's board is open, so a page to it is seen. It keeps no case: only a desk does."""
    with context.transaction() as session:
        session.get_one(Staff, staff.id).board_seen_at = context.clock.now()


def set_duty(context: Context, nurse: Staff, on: bool) -> None:
    """Come on duty, or leave it; whoever still has cases hands them over first."""
    now = context.clock.now()
    with context.transaction() as session:
        staff = session.get_one(Staff, nurse.id)
        held = select(Case).where(Case.holder_id == nurse.id, Case.state == ACTIVE)
        count = len(session.scalars(held).all())
        if not on and count:
            raise Conflict(
                f"You still have {count} open case{'s' if count > 1 else ''}. "
                "Transfer or close them before you go off duty."
            )
        staff.on_duty_at = now if on else None
        staff.on_break_at = None
        staff.seen_at = now
        audit.record(session, nurse.email, "duty.on" if on else "duty.off", f"staff {nurse.id}", now)
        wake(session, DESK)


def readable_case(session: Session, case_id: int, staff: Staff) -> Case:
    """Any case, for those who may read patients' messages."""
    if not staff.has(*READERS):
        raise Forbidden("Only nurses, approvers and supervisors may read patients' messages.")
    case = session.get(Case, case_id)
    if case is None:
        raise NotFound("There is no such case.")
    return case


def _locked(session: Session, case_id: int) -> Case:
    """The conversation first, then the case: everybody locks in this order."""
    conversation_id = session.scalar(select(Case.conversation_id).where(Case.id == case_id))
    if conversation_id is None:
        raise NotFound("There is no such case.")
    Conversation.locked(session, conversation_id)
    return session.get_one(Case, case_id, populate_existing=True)


def _held(session: Session, case_id: int, nurse: Staff) -> Case:
    """The case, if this nurse holds it."""
    case = _locked(session, case_id)
    if case.state != ACTIVE or case.holder_id != nurse.id:
        raise _taken(session, case_id)
    return case


def held_case(session: Session, case_id: int, nurse: Staff) -> Case:
    """The case, if this nurse holds it; Conflict, in words, if not. For the other files of journeys."""
    return _held(session, case_id, nurse)


def case_to_call(session: Session, case_id: int, nurse: Staff) -> Case:
    """The case whose patient this nurse may call: their own, or one that nobody has."""
    case = _locked(session, case_id)
    if case.state == ACTIVE and case.holder_id != nurse.id:
        raise _taken(session, case_id)
    return case


def _held_or_supervised(session: Session, case_id: int, staff: Staff) -> Case:
    case = _locked(session, case_id)
    if case.state == ACTIVE and staff.has("supervisor"):
        return case
    return _held(session, case_id, staff)


def _taken(session: Session, case_id: int) -> Conflict:
    case = session.get_one(Case, case_id, populate_existing=True)
    if case.state == ACTIVE and case.holder is not None:
        return Conflict(f"{case.holder.name} has this case.", holder=case.holder.name)
    if case.state == CLOSED:
        return Conflict("This case is closed. Reopen it if the patient needs more.", holder=None)
    return Conflict("Nobody has this case right now: claim it first.", holder=None)


def _check_text(text: str) -> None:
    if not text.strip():
        raise Invalid("Write something first.", field="text")
    if len(text) > LONGEST_MESSAGE:
        raise Invalid(f"At most {LONGEST_MESSAGE} characters, please.", field="text")


def _lease(context: Context) -> timedelta:
    return timedelta(seconds=context.settings.nurse_lease)


def _wake(session: Session, case: Case) -> None:
    wake(session, DESK, conversation_topic(case.conversation_id))
