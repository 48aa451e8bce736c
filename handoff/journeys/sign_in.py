"""Staff come in and go out. A wrong name and a wrong password look, and take, the same."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

import pyotp
from sqlalchemy import CursorResult, delete, or_, update
from sqlalchemy.orm import Session

from handoff import audit
from handoff.context import Context
from handoff.errors import NotSignedIn, TooMany
from handoff.models.staff import SESSION_LASTS, TRIES_PER_WINDOW, TRY_WINDOW, SignInTry, Staff, StaffSession

TRIES_PER_NAME = 50
"""More than for a name from one address, or a stranger could lock a nurse out from anywhere."""
TRIES_PER_ADDRESS = 100
"""A whole hospital may share one address."""
CODE_SECONDS = 30  # RFC 6238, 5.2
CODE_DRIFT = 1
"""Steps before and after now that are taken, for phones whose clock is off (RFC 6238, 6)."""
LONGEST_PASSWORD = 1000
REFRESH_AFTER = timedelta(minutes=1)
WRONG = "That e-mail, password or code is not right. Check them and try again."


@dataclass(frozen=True)
class SignedIn:
    """The token for the cookie, once; and the session it opens."""

    token: str
    session: StaffSession


def sign_in(context: Context, email: str, password: str, code: str, address: str) -> SignedIn:
    """Begin a session. `address` is where the browser calls from.

    Raise NotSignedIn with one and the same sentence whatever was wrong, TooMany after too many tries.
    """
    email = email.strip().lower()
    limits = _limits(context, email, address)
    tried = _count_try(context, limits)
    with context.database.reading() as session:
        staff = Staff.by_email(session, email)
    fits = (staff or _nobody()).password_fits(password[:LONGEST_PASSWORD])
    now = context.clock.now()
    with context.transaction() as session:
        found = session.get(Staff, staff.id) if staff and fits else None
        if found is not None and found.disabled_at is None and _code_fits(session, found, code, now):
            session.execute(delete(SignInTry).where(SignInTry.key.in_(list(limits)[:2])))
            session.execute(delete(SignInTry).where(SignInTry.id.in_(tried)))
            session.execute(delete(StaffSession).where(StaffSession.created_at < now - SESSION_LASTS))
            token, row = StaffSession.begin(session, found, now)
            session.flush()
            session.refresh(row, ["staff"])
            audit.record(session, found.email, "signed_in", f"staff {found.id}", now)
            return SignedIn(token, row)
        who = staff.email if staff else "unknown"  # never what was typed: it may be a password
        audit.record(session, who, "sign_in_refused", f"staff {staff.id}" if staff else "", now)
    raise NotSignedIn(WRONG)


def sign_out(context: Context, session: StaffSession) -> None:
    """End this browser's session."""
    now = context.clock.now()
    with context.transaction() as db:
        db.execute(delete(StaffSession).where(StaffSession.token_hash == session.token_hash))
        audit.record(db, session.staff.email, "signed_out", f"staff {session.staff_id}", now)


def keep_open(context: Context, session: StaffSession) -> None:
    """Note that the session is used, so that it does not end while somebody works with it."""
    now = context.clock.now()
    if now - session.used_at < REFRESH_AFTER:
        return
    with context.transaction() as db:
        db.execute(
            update(StaffSession).where(StaffSession.token_hash == session.token_hash).values(used_at=now)
        )


def _limits(context: Context, email: str, address: str) -> dict[str, int]:
    """How many tries each key has. Names and addresses are hashed: typed names may be passwords."""
    kinds = ((f"{email}\n{address}", TRIES_PER_WINDOW), (email, TRIES_PER_NAME), (address, TRIES_PER_ADDRESS))
    return {
        hmac.new(context.contact_key, f"sign-in {n} {kind}".encode(), hashlib.sha256).hexdigest(): limit
        for n, (kind, limit) in enumerate(kinds)
    }


def _count_try(context: Context, limits: dict[str, int]) -> list[int]:
    """Write the try down before it is judged, so that a hundred at once are a hundred. Return its rows."""
    now = context.clock.now()
    with context.transaction() as session:
        session.execute(delete(SignInTry).where(SignInTry.at <= now - TRY_WINDOW))
        if any(SignInTry.too_many(session, key, now, limit) for key, limit in limits.items()):
            minutes = int(TRY_WINDOW.total_seconds() // 60)
            raise TooMany(f"Too many tries. Wait {minutes} minutes, or ask an administrator for help.")
        rows = [SignInTry(key=key, at=now) for key in limits]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


@cache
def _nobody() -> Staff:
    """Somebody to check a password against when there is no such name."""
    nobody = Staff()
    nobody.set_password(secrets.token_urlsafe(32))
    return nobody


def _code_fits(session: Session, staff: Staff, code: str, now: datetime) -> bool:
    """Whether the second factor is right and was not used before; true when none is asked."""
    if staff.totp_secret is None:
        return True
    step = _step_of(staff.totp_secret, code, now)
    if step is None:
        return False
    result = session.execute(
        update(Staff)
        .where(Staff.id == staff.id, or_(Staff.totp_step.is_(None), Staff.totp_step < step))
        .values(totp_step=step)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount == 1


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, or None."""
    given = "".join(code.split()).encode()
    current = int(now.timestamp()) // CODE_SECONDS
    totp = pyotp.TOTP(secret, interval=CODE_SECONDS)
    for step in range(current - CODE_DRIFT, current + CODE_DRIFT + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), given):
            return step
    return None
