"""A patient whom our texts may not reach, or whom we promised a call: a nurse calls and logs the call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from handoff.models.base import Base, UtcTime
from handoff.models.case import Case
from handoff.models.staff import Staff
from handoff.models.upsert import insert_if_new

OPTED_OUT, FAILED, UNCONFIRMED, PROMISED = "opted_out", "failed", "unconfirmed", "promised"
REACHED, NO_ANSWER, WRONG_NUMBER = "reached", "no_answer", "wrong_number"
RESULTS = (REACHED, NO_ANSWER, WRONG_NUMBER)


class CallTask(Base):
    """At most one is open in a case: one call settles whatever made it necessary."""

    __tablename__ = "call_task"
    __table_args__ = (
        Index(
            "one_open_call_task",
            "case_id",
            unique=True,
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    why: Mapped[str] = mapped_column(String(12))
    """opted_out, failed, unconfirmed or promised."""
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcTime)
    done_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    result: Mapped[str | None] = mapped_column(String(12))
    """reached, no_answer or wrong_number; withdrawn: the patient needs no call any more."""

    staff: Mapped[Staff | None] = relationship(lazy="joined")

    @classmethod
    def make(cls, session: Session, case: Case, why: str, now: datetime) -> bool:
        """Ask for a call; False when one is asked for already."""
        return insert_if_new(session, cls, case_id=case.id, why=why, made_at=now)

    @classmethod
    def open_of(cls, session: Session, case: Case) -> CallTask | None:
        query = select(cls).where(cls.case_id == case.id, cls.done_at.is_(None))
        return session.scalars(query.execution_options(populate_existing=True)).one_or_none()

    @classmethod
    def all_open(cls, session: Session) -> Sequence[CallTask]:
        """Those that wait the longest first."""
        return session.scalars(select(cls).where(cls.done_at.is_(None)).order_by(cls.made_at, cls.id)).all()

    def settle(self, nurse: Staff, result: str, now: datetime) -> None:
        self.done_at, self.done_by, self.result = now, nurse.id, result
