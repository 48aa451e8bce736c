"""A waiting case that one nurse is asked to take: accepted, declined, or gone on to the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from handoff.errors import Conflict
from handoff.models.base import Base, UtcTime
from handoff.models.staff import Staff
from handoff.models.upsert import insert_if_new

if TYPE_CHECKING:
    from handoff.models.case import Case

ACCEPTED, DECLINED, TIMED_OUT, OVERTAKEN = "accepted", "declined", "timed_out", "overtaken"
GONE_ON = "This offer has ended and the case has gone on. Pick it from the list if you still want to help."


def _one_open(name: str, column: str) -> Index:
    still = text("ended_at IS NULL")
    return Index(name, column, unique=True, sqlite_where=still, postgresql_where=still)


class Offer(Base):
    """A case is offered to one nurse at a time, and a nurse is offered one case at a time."""

    __tablename__ = "offer"
    __table_args__ = (
        _one_open("one_open_offer_of_case", "case_id"),
        _one_open("one_open_offer_to_nurse", "staff_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    epoch: Mapped[int]
    """The case's epoch while it is offered: when the case has another, this offer is void."""
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime, index=True)
    outcome: Mapped[str | None] = mapped_column(String(12))
    """accepted, declined, timed_out or overtaken (by an act or a danger); None while it is open."""

    staff: Mapped[Staff] = relationship(lazy="joined")

    @classmethod
    def make(cls, session: Session, case: Case, staff_id: int, now: datetime, lasts: timedelta) -> bool:
        """False when the case or the nurse has an open offer already. The case must have been moved before."""
        return insert_if_new(
            session, cls, case_id=case.id, staff_id=staff_id, epoch=case.epoch, made_at=now,
            expires_at=now + lasts,
        )  # fmt: skip

    @classmethod
    def all_open(cls, session: Session) -> Sequence[Offer]:
        return session.scalars(select(cls).where(cls.ended_at.is_(None)).order_by(cls.id)).all()

    @classmethod
    def open_of(cls, session: Session, case: Case) -> Offer | None:
        query = select(cls).where(cls.case_id == case.id, cls.ended_at.is_(None))
        return session.scalars(query.execution_options(populate_existing=True)).one_or_none()

    @classmethod
    def open_to(cls, session: Session, staff: Staff) -> Offer | None:
        query = select(cls).where(cls.staff_id == staff.id, cls.ended_at.is_(None))
        return session.scalars(query).one_or_none()

    @classmethod
    def refused_since(cls, session: Session, moment: datetime) -> set[tuple[int, int]]:
        """(case, nurse) of each offer that was declined, or let run out, since then."""
        query = select(cls.case_id, cls.staff_id).where(
            cls.ended_at > moment, cls.outcome.in_((DECLINED, TIMED_OUT))
        )
        return {(case, nurse) for case, nurse in session.execute(query)}

    @classmethod
    def settle(
        cls, session: Session, case: Case, nurse: Staff, now: datetime, offer_id: int | None = None
    ) -> None:
        """This nurse takes the case: the offer to them is accepted, one to somebody else ends.

        Conflict when `offer_id` is given and is not the open offer to this nurse.
        """
        offer = cls.open_of(session, case)
        if offer_id is not None and (
            offer is None or (offer.id, offer.staff_id, offer.epoch) != (offer_id, nurse.id, case.epoch)
        ):
            raise Conflict(GONE_ON)
        if offer is not None:
            offer.end(ACCEPTED if offer.staff_id == nurse.id else OVERTAKEN, now)

    def end(self, outcome: str, now: datetime) -> None:
        """The conversation must be locked."""
        self.outcome, self.ended_at = outcome, now
