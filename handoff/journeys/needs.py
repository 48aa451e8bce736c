"""What a case needs of a nurse, settled when it opens: the group of nurses, and whom the patient knows.

The language is the contact's, which may still change while the case waits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.context import Context
from handoff.models.case import Case
from handoff.models.conversation import PATIENT, AssessmentRecord, Conversation, Message
from handoff.skills import CHILDREN, skills

READ_BACK = 3
"""The patient's messages in which a topic is looked for, the newest first."""


def see_needs(
    session: Session, context: Context, case: Case, reasons: Sequence[dict[str, str]], about: str
) -> None:
    """Called where a case opens or hears something new. A group once found stays, except that a child's is a
    child's.
    """
    if about == "child":
        case.skill = CHILDREN
    case.skill = case.skill or skills().of_reasons(_codes(session, case, reasons))
    case.skill = case.skill or skills().of_topics(_topics(session, context, case.conversation))
    if case.known_nurse_id is None:
        case.known_nurse_id = _last_nurse(session, case)


def _codes(session: Session, case: Case, reasons: Sequence[dict[str, str]]) -> Iterable[str]:
    """What raised it, and what made the newest message a nurse's."""
    newest = (
        select(AssessmentRecord)
        .join(Message, Message.id == AssessmentRecord.message_id)
        .where(Message.conversation_id == case.conversation_id)
        .order_by(Message.seq.desc())
        .limit(1)
    )
    found = session.scalars(newest).first()
    complex_for = found.found["complexity"]["reasons"] if found else []
    return [*(one["code"] for one in reasons), *complex_for]


def _topics(session: Session, context: Context, conversation: Conversation) -> Collection[str]:
    """The topics that the patient named last, else the topic of the last answer; nothing that is stale."""
    since = context.clock.now() - timedelta(seconds=context.settings.topic_stale)
    lately = select(Message).where(Message.conversation_id == conversation.id, Message.at > since)
    said = lately.where(Message.author == PATIENT).order_by(Message.seq.desc()).limit(READ_BACK)
    for message in session.scalars(said):
        named = context.search.topics_named(message.text)
        if named:
            return named
    answered = lately.where(Message.answer_id.is_not(None)).order_by(Message.seq.desc()).limit(1)
    given = session.scalars(answered).first()
    return [given.answer_id.split(".")[0]] if given is not None and given.answer_id else []


def _last_nurse(session: Session, case: Case) -> int | None:
    """The nurse of this contact's newest earlier case, on whatever channel that was."""
    earlier = (
        select(Case.known_nurse_id)
        .join(Conversation, Conversation.id == Case.conversation_id)
        .where(
            Conversation.contact_id == case.conversation.contact_id,
            Case.id != case.id,
            Case.known_nurse_id.is_not(None),
        )
    )
    return session.scalars(earlier.order_by(Case.id.desc()).limit(1)).first()
