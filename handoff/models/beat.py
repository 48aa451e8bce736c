"""Signs of life: who works, and when they last said so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from handoff.models.base import Base, UtcTime
from handoff.models.upsert import insert_if_new


class Beat(Base):
    __tablename__ = "beat"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)

    @classmethod
    def strike(cls, session: Session, name: str, now: datetime) -> None:
        if not insert_if_new(session, cls, name=name, at=now):
            session.get_one(cls, name).at = now

    @classmethod
    def last(cls, session: Session, name: str) -> datetime | None:
        return session.scalar(select(cls.at).where(cls.name == name))
