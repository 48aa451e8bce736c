"""INSERT … ON CONFLICT DO NOTHING on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from handoff.models.base import Base


def insert_if_new(session: Session, table: type[Base], **values: Any) -> bool:
    """Insert one row unless a unique key stands in the way; say whether it was inserted."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(table).values(**values).on_conflict_do_nothing()
    # The row that comes back tells; on PostgreSQL the row count is -1 where the database makes the key.
    made = session.execute(statement.returning(*table.__table__.primary_key))
    return made.first() is not None
