"""Who has a case open on their screen. Rows, so that it holds across processes; old ones mean nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from handoff.models.base import Base, UtcTime
from handoff.models.case import Case
from handoff.models.staff import Staff
from handoff.models.upsert import insert_if_new

HERE_LASTS = timedelta(seconds=25)
"""Longer than two of the page's signs of life, so that one may be lost."""
TYPING_LASTS = timedelta(seconds=6)


class Presence(Base):
    __tablename__ = "presence"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcTime)
    typing_at: Mapped[datetime | None] = mapped_column(UtcTime)

    staff: Mapped[Staff] = relationship(lazy="joined")

    @classmethod
    def mark(cls, session: Session, case_id: int, staff: Staff, now: datetime, typing: bool) -> bool:
        """Note that this person looks at the case; whether that is news to the others."""
        new = insert_if_new(session, cls, case_id=case_id, staff_id=staff.id, seen_at=now)
        row = session.get_one(cls, (case_id, staff.id), populate_existing=True)
        news = new or not row.is_here(now) or (typing and not row.is_typing(now))
        row.seen_at = now
        if typing:
            row.typing_at = now
        return news

    @classmethod
    def end(cls, session: Session, case_id: int, staff: Staff) -> None:
        session.execute(delete(cls).where(cls.case_id == case_id, cls.staff_id == staff.id))

    @classmethod
    def of(cls, session: Session, case: Case, now: datetime) -> Sequence[Presence]:
        """Those who look at it now."""
        query = select(cls).where(cls.case_id == case.id, cls.seen_at > now - HERE_LASTS)
        return session.scalars(query.order_by(cls.staff_id)).all()

    def is_here(self, now: datetime) -> bool:
        return now - self.seen_at < HERE_LASTS

    def is_typing(self, now: datetime) -> bool:
        return self.typing_at is not None and now - self.typing_at < TYPING_LASTS
