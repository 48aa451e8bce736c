"""INSERT … ON CONFLICT DO NOTHING on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from handoff.models.base import Base


def insert_if_new(session: Session, table: type[Base], **values: Any) -> bool:
    """Insert one row unless a unique key stands in the way; say whether it was inserted."""
    statement = _insert(session)(table).values(**values).on_conflict_do_nothing()
    # The row that comes back tells; on PostgreSQL the row count is -1 where the database makes the key.
    made = session.execute(statement.returning(*table.__table__.primary_key))
    return made.first() is not None


def insert_new(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows at once; those that a unique key stands in the way of stay as they are."""
    if rows:
        made = table.__table__
        assert isinstance(made, Table)
        session.execute(_insert(session)(made).on_conflict_do_nothing(), rows)


def _insert(session: Session) -> Any:
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
