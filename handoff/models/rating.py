"""What a patient thought of the help they got."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from handoff.models.base import Base, EncryptedText, UtcTime
from handoff.models.case import Case


class Rating(Base):
    """Asked once a case. `score` is 1 (very poor) to 5 (very good), None until the patient gives one."""

    __tablename__ = "rating"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    rated_at: Mapped[datetime | None] = mapped_column(UtcTime)
    score: Mapped[int | None]
    said: Mapped[str | None] = mapped_column(EncryptedText)
    """The sentence that came with it, if one did."""

    @classmethod
    def of(cls, session: Session, case: Case) -> Rating | None:
        return session.scalars(select(cls).where(cls.case_id == case.id)).one_or_none()
