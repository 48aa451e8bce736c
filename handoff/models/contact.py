"""Whom we can reach, and whom a message is about. A number is not a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from handoff.models.base import Base, EncryptedJson, EncryptedText, UtcTime
from handoff.models.upsert import insert_if_new


class Contact(Base):
    """A phone number or a web session."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """Keyed hash of the address: finds the contact without storing the number in clear."""
    address: Mapped[str | None] = mapped_column(EncryptedText)
    language: Mapped[str] = mapped_column(String(8), default="en")
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    opted_out_at: Mapped[datetime | None] = mapped_column(UtcTime)
    hushed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """Since when automatic messages stop because somebody dangerous may read this phone."""
    notice_version: Mapped[str | None] = mapped_column(String(32))
    notice_at: Mapped[datetime | None] = mapped_column(UtcTime)
    call_number: Mapped[str | None] = mapped_column(EncryptedText)
    """The number in E.164 that a web patient left for us to call."""

    @property
    def number(self) -> str | None:
        """Where a nurse may call: the number that texts us, or the one that was left in the web chat."""
        return self.address or self.call_number

    @classmethod
    def at(cls, session: Session, kind: str, key: str, address: str | None, now: datetime) -> Contact:
        """Find the contact or make it; two at once make one."""
        insert_if_new(session, cls, kind=kind, key=key, address=address, language="en", created_at=now)
        return session.scalars(select(cls).where(cls.key == key)).one()

    def opt_out(self, now: datetime) -> None:
        self.opted_out_at = self.opted_out_at or now

    def opt_in(self) -> None:
        self.opted_out_at = None


class Person(Base):
    """Whom a case is about: self, child, other or unknown, as far as one contact told us."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("contact_id", "relation"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    relation: Mapped[str] = mapped_column(String(8))
    facts: Mapped[Any] = mapped_column(EncryptedJson, default=dict)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """The nurse who confirmed that earlier cases were about the same person."""

    def begin_case(self) -> None:
        """A new case: what an earlier one was told is this person's only once a nurse has confirmed it, and
        where somebody is now is always asked anew."""
        kept = dict(self.facts or {}) if self.confirmed_by is not None else {}
        kept.pop("location", None)
        self.facts = kept

    def keep(self, **told: str) -> None:
        """Facts as the patient said them, by the names that the card shows."""
        self.facts = {**(self.facts or {}), **told}

    @classmethod
    def of(cls, session: Session, contact: Contact, relation: str) -> Person:
        insert_if_new(session, cls, contact_id=contact.id, relation=relation, facts={})
        found = select(cls).where(cls.contact_id == contact.id, cls.relation == relation)
        return session.scalars(found).one()
