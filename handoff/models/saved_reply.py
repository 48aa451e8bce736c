"""Sentences that nurses say often, ready to put into the reply box. They are a nurse's words, not answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, ForeignKey, String, Text, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from handoff.errors import Conflict, NotFound
from handoff.models.base import Base, UtcTime
from handoff.models.staff import Staff


class SavedReply(Base):
    """`key` names one that was shipped with Bedside; such a one comes back neither changed nor removed."""

    __tablename__ = "saved_reply"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    """Rises at each change, so that of two editors the slower one is told."""
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    removed_at: Mapped[datetime | None] = mapped_column(UtcTime)

    staff: Mapped[Staff | None] = relationship(lazy="joined")

    @classmethod
    def kept(cls, session: Session) -> Sequence[SavedReply]:
        """All that may be used, by title."""
        query = select(cls).where(cls.removed_at.is_(None))
        return session.scalars(query.order_by(cls.title, cls.language, cls.id)).all()

    @classmethod
    def find(cls, session: Session, id: int) -> SavedReply:
        found = session.get(cls, id)
        if found is None or found.removed_at is not None:
            raise NotFound("There is no such reply.")
        return found

    def change(self, session: Session, version: int, **values: Any) -> None:
        """One conditional UPDATE on the version; Conflict when somebody else was faster."""
        result = session.execute(
            update(SavedReply)
            .where(SavedReply.id == self.id, SavedReply.version == version, SavedReply.removed_at.is_(None))
            .values(version=SavedReply.version + 1, **values)
            .execution_options(synchronize_session=False)
        )
        if cast("CursorResult[Any]", result).rowcount != 1:
            raise Conflict("Somebody has changed this reply meanwhile. Reload the page and look at it again.")
        session.refresh(self)
