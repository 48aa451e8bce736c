"""The people of the clinic who sign in."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from sqlalchemy import JSON, ForeignKey, String, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from handoff.models.base import Base, EncryptedText, UtcTime

ROLES = ("nurse", "editor", "approver", "supervisor", "admin")
SESSION_LASTS = timedelta(hours=12)  # one long shift
SESSION_IDLE = timedelta(hours=2)
TRIES_PER_WINDOW = 10
TRY_WINDOW = timedelta(minutes=15)
_hasher = PasswordHasher()


class Staff(Base):
    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    roles: Mapped[list[str]] = mapped_column(JSON)
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText)
    totp_step: Mapped[int | None]
    """The time step of the last code taken: a code opens the door once (RFC 6238, 5.2)."""
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    on_duty_at: Mapped[datetime | None] = mapped_column(UtcTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcTime)
    board_seen_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When this supervisor's board was last heard of; an open board keeps no case, so it is told apart."""
    always_on_duty: Mapped[bool] = mapped_column(default=False)
    """Demo staff only."""
    on_break_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """Since when a nurse on duty takes a break: nothing new comes, what they hold stays theirs."""
    credential: Mapped[str] = mapped_column(String(16), default="")
    """Such as RN or NP."""
    states: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Where they are licensed, such as ["NJ", "NY"]."""
    languages: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["en"])
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Groups of `data/routing/skills.yml`."""
    capacity: Mapped[int | None]
    """The most cases at once; None: the setting's."""

    @classmethod
    def by_email(cls, session: Session, email: str) -> Staff | None:
        plain = email.strip().lower().replace("\0", "")  # PostgreSQL refuses a query that holds NUL
        return session.scalars(select(cls).where(cls.email == plain)).one_or_none()

    @classmethod
    def on_duty(cls, session: Session, seen_after: datetime) -> list[Staff]:
        """Nurses who are at work, not on a break, and whose desk was heard of since `seen_after` (demo nurses
        always).
        """
        here = select(cls).where(cls.disabled_at.is_(None), cls.on_break_at.is_(None))
        at_work = [one for one in session.scalars(here.order_by(cls.id)) if one.has("nurse")]
        return [
            one
            for one in at_work
            if one.always_on_duty
            or (one.on_duty_at is not None and one.seen_at is not None and one.seen_at > seen_after)
        ]

    @classmethod
    def supervisors_here(cls, session: Session, seen_after: datetime) -> list[Staff]:
        """Supervisors whose desk or board was heard of since `seen_after`."""
        heard = select(cls).where(
            cls.disabled_at.is_(None), or_(cls.seen_at > seen_after, cls.board_seen_at > seen_after)
        )
        return [one for one in session.scalars(heard.order_by(cls.id)) if one.has("supervisor")]

    def has(self, *roles: str) -> bool:
        return any(role in self.roles for role in roles)

    def set_password(self, password: str) -> None:
        self.password_hash = _hasher.hash(password)

    def password_fits(self, password: str) -> bool:
        try:
            return _hasher.verify(self.password_hash, password)
        except Argon2Error:
            return False


class StaffSession(Base):
    """A signed-in browser. Only the token's hash is stored."""

    __tablename__ = "staff_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    used_at: Mapped[datetime] = mapped_column(UtcTime)

    staff: Mapped[Staff] = relationship(lazy="joined")

    @classmethod
    def begin(cls, session: Session, staff: Staff, now: datetime) -> tuple[str, StaffSession]:
        """The token for the cookie (256 bits), and the row."""
        token = secrets.token_urlsafe(32)
        row = cls(
            token_hash=hash_token(token),
            staff_id=staff.id,
            csrf=secrets.token_urlsafe(32),
            created_at=now,
            used_at=now,
        )
        session.add(row)
        return token, row

    @classmethod
    def of(cls, session: Session, token: str, now: datetime) -> StaffSession | None:
        """The session this token opens, unless it is too old or its owner may no longer sign in."""
        found = session.get(cls, hash_token(token))
        if found is None or found.staff.disabled_at is not None:
            return None
        if now - found.created_at > SESSION_LASTS or now - found.used_at > SESSION_IDLE:
            return None
        return found

    @classmethod
    def end_all(cls, session: Session, staff: Staff) -> None:
        session.execute(delete(cls).where(cls.staff_id == staff.id))


class SignInTry(Base):
    """A failed sign-in; too many for one address or one name slow both down."""

    __tablename__ = "sign_in_try"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime)

    @classmethod
    def too_many(cls, session: Session, key: str, now: datetime, limit: int = TRIES_PER_WINDOW) -> bool:
        since = select(func.count()).where(cls.key == key, cls.at > now - TRY_WINDOW)
        return (session.scalar(since.select_from(cls)) or 0) >= limit


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
