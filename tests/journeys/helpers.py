"""Small words for the journey tests."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import select, update

from handoff.context import Context
from handoff.journeys import patient
from handoff.journeys.patient import Incoming, Received
from handoff.models.case import Case, Promise
from handoff.models.contact import Person
from handoff.models.conversation import Conversation
from handoff.models.staff import Staff
from tests.fixtures import settle

ALICE = "+12025550143"
BOB = "+12025550144"
DANGER = "i took all my pills and i want to die"
CHEST = "crushing chest pain and i can't breathe"


def text(context: Context, words: str, number: str = ALICE, sid: str | None = None, **more: Any) -> Received:
    """A text comes in, and everything that follows from it happens."""
    received = text_only(context, words, number, sid, **more)
    settle(context)
    return received


def text_only(
    context: Context, words: str, number: str = ALICE, sid: str | None = None, **more: Any
) -> Received:
    """A text comes in; nobody has looked at it yet."""
    return patient.receive(context, Incoming("sms", sid or uuid4().hex, words, address=number, **more))


def transcript(context: Context, conversation_id: str) -> list[tuple[str, str]]:
    """(author, text) of all messages."""
    with context.database.reading() as session:
        conversation = session.get_one(Conversation, conversation_id)
        return [(one.author, one.text) for one in conversation.messages(session)]


def lines(context: Context, conversation_id: str) -> list[str]:
    """The names of the fixed lines and copies that were said."""
    with context.database.reading() as session:
        conversation = session.get_one(Conversation, conversation_id)
        return [one.line.split("@")[0] for one in conversation.messages(session) if one.line]


def conversation(context: Context, id: str) -> Conversation:
    with context.database.reading() as session:
        return session.get_one(Conversation, id)


def only_case(context: Context) -> Case:
    with context.database.reading() as session:
        return session.scalars(select(Case)).one()


def all_cases(context: Context) -> list[Case]:
    with context.database.reading() as session:
        return list(session.scalars(select(Case).order_by(Case.id)))


def send_everybody_home(context: Context) -> None:
    """No nurse is on duty any more."""
    with context.transaction() as session:
        session.execute(update(Staff).values(always_on_duty=False))


def bring_a_nurse(context: Context, email: str = "nurse@example.org") -> None:
    with context.transaction() as session:
        session.execute(update(Staff).where(Staff.email == email).values(always_on_duty=True))


def open_hours(context: Context, hours: str) -> None:
    """Staff hours from now on, such as `mon-fri 08:00-17:00`, in New York."""
    object.__setattr__(context, "settings", context.settings.model_copy(update={"staff_hours": hours}))


def events(context: Context, case_id: int | None = None) -> list[str]:
    """What happened in the only case, or in this one."""
    with context.database.reading() as session:
        case = session.get_one(Case, case_id or only_case(context).id)
        return [one.what for one in case.events(session)]


def promises(context: Context) -> list[Promise]:
    with context.database.reading() as session:
        return list(session.scalars(select(Promise).order_by(Promise.id)))


def facts(context: Context) -> dict[str, str]:
    """What the patient of the only case has told."""
    with context.database.reading() as session:
        case = only_case(context)
        return session.get_one(Person, case.person_id).told(case.id)


def write(context: Context, conversation_id: str, words: str) -> None:
    """The same as `text`, in a web chat that `patient.start_chat` has begun."""
    patient.receive(context, Incoming("web", uuid4().hex, words, conversation_id=conversation_id))
    settle(context)
