"""Who may sign in: accounts are made, reset and closed by the operator, each with an audit row."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff import audit
from handoff.clock import Clock
from handoff.database import Database
from handoff.errors import Conflict, Invalid, NotFound
from handoff.journeys.profiles import Profile
from handoff.models.staff import ROLES, Staff, StaffSession

OPERATOR = "operator"
SHORTEST_PASSWORD = 15  # NIST SP 800-63B-4, 3.1.1.2, for a password that stands alone
LONGEST_PASSWORD = 1000
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that looks like another when it is read out or copied by hand."""


def add(
    database: Database,
    clock: Clock,
    email: str,
    name: str,
    roles: Sequence[str],
    password: str,
    second_factor: bool = False,
    profile: Profile | None = None,
) -> Staff:
    """Make an account. Raise Invalid when something does not fit, Conflict when the e-mail is taken."""
    email, name = email.strip().lower(), name.strip()
    if not EMAIL.fullmatch(email) or len(email) > 254:
        raise Invalid("That is not an e-mail address.", field="email")
    if not name or len(name) > 120:
        raise Invalid("Give the person's name, in at most 120 characters.", field="name")
    now = clock.now()
    staff = Staff(email=email, name=name, roles=_roles(roles), created_at=now, always_on_duty=False)
    (profile or Profile()).put_on(staff)
    staff.set_password(_fit(password))
    staff.totp_secret = pyotp.random_base32() if second_factor else None
    with database.transaction() as session:
        if Staff.by_email(session, email) is not None:
            raise Conflict(f"{email} has an account already. To give it a new password, use `user reset`.")
        session.add(staff)
        session.flush()
        audit.record(session, OPERATOR, "account_made", f"staff {staff.id}", now, why=", ".join(staff.roles))
    return staff


def reset(
    database: Database, clock: Clock, email: str, password: str, second_factor: bool | None = None
) -> Staff:
    """Give a new password, end all sessions and open a closed account again.

    `second_factor`: True makes a new secret, False takes it away, None leaves it. Raise NotFound or Invalid.
    """
    now = clock.now()
    with database.transaction() as session:
        staff = _find(session, email)
        staff.set_password(_fit(password))
        staff.disabled_at = None
        if second_factor is not None:
            staff.totp_secret = pyotp.random_base32() if second_factor else None
            staff.totp_step = None
        StaffSession.end_all(session, staff)
        audit.record(session, OPERATOR, "account_reset", f"staff {staff.id}", now)
    return staff


def close(database: Database, clock: Clock, email: str) -> Staff:
    """Let nobody in by this account any more, from this moment on. What they did stays on record."""
    now = clock.now()
    with database.transaction() as session:
        staff = _find(session, email)
        staff.disabled_at = staff.disabled_at or now
        staff.on_duty_at = None
        StaffSession.end_all(session, staff)
        audit.record(session, OPERATOR, "account_closed", f"staff {staff.id}", now)
    return staff


def everybody(database: Database) -> Sequence[Staff]:
    with database.reading() as session:
        return session.scalars(select(Staff).order_by(Staff.email)).all()


def new_password() -> str:
    """Five groups of four from 31 letters and digits: 99 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(5))


def second_factor_address(staff: Staff) -> str:
    """What an authenticator app reads, typed or as a picture."""
    if staff.totp_secret is None:
        raise Invalid(f"{staff.email} has no second factor.")
    return pyotp.TOTP(staff.totp_secret).provisioning_uri(name=staff.email, issuer_name="Bedside")


def _roles(roles: Sequence[str]) -> list[str]:
    unknown = [role for role in roles if role not in ROLES]
    if unknown or not roles:
        raise Invalid(f"Give at least one role of: {', '.join(ROLES)}.", field="roles")
    return [role for role in ROLES if role in roles]


def _fit(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(f"A password needs at least {SHORTEST_PASSWORD} characters.", field="password")
    return password


def _find(session: Session, email: str) -> Staff:
    staff = Staff.by_email(session, email)
    if staff is None:
        raise NotFound("There is no account with that e-mail. See `bedside user list`.")
    return staff
