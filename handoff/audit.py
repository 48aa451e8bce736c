"""What staff did, chained by hashes so that a row cannot be changed or taken out unseen."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from handoff.database import Database
from handoff.models.base import Base, UtcTime
from handoff.models.upsert import insert_if_new

START = "0" * 64


class AuditHead(Base):
    """One row: the newest hash. Its lock makes writers go one after the other."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int] = mapped_column(default=0)


class AuditRow(Base):
    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    who: Mapped[str] = mapped_column(String(254))
    what: Mapped[str] = mapped_column(String(64))
    target: Mapped[str] = mapped_column(String(160))
    why: Mapped[str] = mapped_column(Text, default="")
    former: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    def computed(self) -> str:
        fields = [self.former, self.at.isoformat(), self.who, self.what, self.target, self.why]
        return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


def record(session: Session, who: str, what: str, target: str, at: datetime, why: str = "") -> None:
    """Add a row to the chain, in the caller's transaction. Never pass a patient's words."""
    insert_if_new(session, AuditHead, id=1, hash=START, rows=0)
    query = select(AuditHead).where(AuditHead.id == 1).with_for_update()
    head = session.scalars(query.execution_options(populate_existing=True)).one()
    row = AuditRow(at=at, who=who, what=what, target=target, why=why, former=head.hash)
    row.hash = row.computed()
    session.add(row)
    head.hash, head.rows = row.hash, head.rows + 1
    session.flush()


def verify(database: Database) -> str | None:
    """None when the chain is whole, else one sentence that names the first bad row."""
    with database.reading() as session:
        former, count = START, 0
        for row in session.scalars(select(AuditRow).order_by(AuditRow.id)):
            if row.former != former or row.hash != row.computed():
                return f"Audit row {row.id} was changed, or a row before it was taken out."
            former, count = row.hash, count + 1
        head = session.get(AuditHead, 1)
        if head is not None and (head.hash, head.rows) != (former, count):
            return f"Audit rows are missing at the end: {head.rows} were written, {count} are there."
    return None
