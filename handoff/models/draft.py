"""What a nurse has typed and not sent: whoever takes the case over should not have to write it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from handoff.models.base import Base, EncryptedText, UtcTime
from handoff.models.staff import Staff

if TYPE_CHECKING:
    from handoff.models.case import Case


class Draft(Base):
    """At most one of each nurse in each case; gone when it is sent, discarded, or the case is closed."""

    __tablename__ = "draft"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    text: Mapped[str] = mapped_column(EncryptedText)
    at: Mapped[datetime] = mapped_column(UtcTime)

    staff: Mapped[Staff] = relationship(lazy="joined")

    @classmethod
    def keep(cls, session: Session, case: Case, staff: Staff, text: str, now: datetime) -> None:
        """Replace what this nurse had typed before; nothing but spaces is no draft."""
        if text.strip():
            session.merge(cls(case_id=case.id, staff_id=staff.id, text=text, at=now))
        else:
            cls.drop(session, case, staff.id)

    @classmethod
    def drop(cls, session: Session, case: Case, staff_id: int | None = None) -> None:
        """Forget one nurse's draft, or all of this case's."""
        gone = delete(cls).where(cls.case_id == case.id)
        session.execute(gone if staff_id is None else gone.where(cls.staff_id == staff_id))

    @classmethod
    def of(cls, session: Session, case: Case) -> Sequence[Draft]:
        """Oldest first."""
        return session.scalars(select(cls).where(cls.case_id == case.id).order_by(cls.at)).all()
