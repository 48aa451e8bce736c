"""Which case somebody may act on: whoever may not never gets to load it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.context import wake
from handoff.errors import Conflict, Forbidden, Invalid, NotFound
from handoff.journeys.patient import LONGEST_MESSAGE
from handoff.models.case import ACTIVE, CLOSED, Case
from handoff.models.conversation import Conversation
from handoff.models.staff import Staff
from handoff.wakeups import DESK, conversation_topic

READERS = ("nurse", "approver", "supervisor")


def readable_case(session: Session, case_id: int, staff: Staff) -> Case:
    """Any case, for those who may read patients' messages."""
    if not staff.has(*READERS):
        raise Forbidden("Only nurses, approvers and supervisors may read patients' messages.")
    case = session.get(Case, case_id)
    if case is None:
        raise NotFound("There is no such case.")
    return case


def locked(session: Session, case_id: int) -> Case:
    """The conversation first, then the case: everybody locks in this order."""
    conversation_id = session.scalar(select(Case.conversation_id).where(Case.id == case_id))
    if conversation_id is None:
        raise NotFound("There is no such case.")
    Conversation.locked(session, conversation_id)
    return session.get_one(Case, case_id, populate_existing=True)


def held(session: Session, case_id: int, nurse: Staff, epoch: int | None = None) -> Case:
    """The case, if this nurse holds it and, where the page says which, it still has that epoch."""
    case = locked(session, case_id)
    if case.state != ACTIVE or case.holder_id != nurse.id:
        raise taken(session, case_id)
    as_seen(case, epoch)
    return case


def held_or_free(session: Session, case_id: int, nurse: Staff) -> Case:
    """The nurse's own case, or one that no other nurse has."""
    case = locked(session, case_id)
    if case.state == ACTIVE and case.holder_id != nurse.id:
        raise taken(session, case_id)
    return case


def held_or_supervised(session: Session, case_id: int, staff: Staff, epoch: int | None = None) -> Case:
    case = locked(session, case_id)
    if case.state == ACTIVE and staff.has("supervisor"):
        as_seen(case, epoch)
        return case
    return held(session, case_id, staff, epoch)


def as_seen(case: Case, epoch: int | None) -> None:
    """Refuse an act on a case that has moved on since the page that acts was loaded."""
    if epoch is not None and epoch != case.epoch:
        raise Conflict("This case has changed since you loaded it. Look at it again before you act.")


def taken(session: Session, case_id: int) -> Conflict:
    case = session.get_one(Case, case_id, populate_existing=True)
    if case.state == ACTIVE and case.holder is not None:
        return Conflict(f"{case.holder.name} has this case.", holder=case.holder.name)
    if case.state == CLOSED:
        return Conflict("This case is closed. Reopen it if the patient needs more.", holder=None)
    return Conflict("Nobody has this case right now: claim it first.", holder=None)


def check_text(text: str, field: str = "text") -> None:
    if not text.strip():
        raise Invalid("Write something first.", field=field)
    check_length(text, field)


def check_length(text: str, field: str = "text") -> None:
    if len(text) > LONGEST_MESSAGE:
        raise Invalid(f"At most {LONGEST_MESSAGE} characters, please.", field=field)


def show_change(session: Session, case: Case) -> None:
    """Every desk, and the patient's page, should look again."""
    wake(session, DESK, conversation_topic(case.conversation_id))
