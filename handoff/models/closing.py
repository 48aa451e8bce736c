"""What a nurse signs when a case is closed. A row is never changed; what comes later is an addendum."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from handoff.models.base import Base, EncryptedText, UtcTime
from handoff.models.case import Case
from handoff.models.staff import Staff

ADVISED = (
    "call_emergency_now",
    "emergency_department",
    "within_4_hours",
    "today",
    "within_24_hours",
    "within_3_days",
    "home_care",
    "information",
)
"""How soon and where the patient was told to be seen, the most pressing first."""
AGREED, DECLINED, NO_ANSWER, WRONG_NUMBER, TRANSFERRED = (
    "agreed", "declined", "no_answer", "wrong_number", "transferred",
)  # fmt: skip
OUTCOMES = (AGREED, DECLINED, NO_ANSWER, WRONG_NUMBER, TRANSFERRED)
SPOKEN_WITH = (AGREED, DECLINED)
"""Outcomes where the patient was told something and said what they will do."""


class Closing(Base):
    """One closing of a case, signed: who and when. A case that was opened again has another."""

    __tablename__ = "closing"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    disposition: Mapped[str] = mapped_column(String(24))
    outcome: Mapped[str | None] = mapped_column(String(16))
    advised: Mapped[str | None] = mapped_column(String(24))
    plan: Mapped[str | None] = mapped_column(EncryptedText)
    """What the patient will do, in their own words."""
    worse_if: Mapped[bool | None]
    """Whether the patient was told what to watch for and when to get help."""
    note: Mapped[str | None] = mapped_column(EncryptedText)

    staff: Mapped[Staff] = relationship(lazy="joined")

    @classmethod
    def of(cls, session: Session, case: Case) -> Sequence[Closing]:
        """In the order in which they were signed."""
        return session.scalars(select(cls).where(cls.case_id == case.id).order_by(cls.id)).all()
