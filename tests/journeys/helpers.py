"""Small words for the journey tests."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import select

from handoff.context import Context
from handoff.journeys import patient
from handoff.journeys.patient import Incoming, Received
from handoff.models.case import Case
from handoff.models.conversation import Conversation
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
