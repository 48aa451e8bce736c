"""Alembic's entry: `Database.migrate` hands in the engine. Two processes at once go one after the other."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, text

from handoff import audit
from handoff.models import (
    answer,
    attachment,
    beat,
    call_task,
    case,
    closing,
    contact,
    conversation,
    delivery,
    draft,
    helped,
    offer,
    presence,
    rating,
    safety_text,
    saved_reply,
    staff,
    turn,
)
from handoff.models.base import Base, EncryptedBytes, EncryptedJson, EncryptedText, UtcTime

TABLES = (
    answer, attachment, audit, beat, call_task, case, closing, contact, conversation, delivery, draft, helped,
    offer, presence, rating, safety_text, saved_reply, staff, turn,
)  # fmt: skip

LOCK = 74_312  # any number that nothing else in this database uses


def _plain(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """In migrations our types are what the database sees, so that old ones never change with the code."""
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, EncryptedText | EncryptedJson | EncryptedBytes):
        return "sa.LargeBinary()"
    return False


def _run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    context.configure(connection=connection, target_metadata=Base.metadata, render_item=_plain)
    context.run_migrations()


with context.config.attributes["engine"].begin() as connection:
    _run(connection)
