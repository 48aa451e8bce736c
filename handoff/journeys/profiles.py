"""What routing knows of a nurse: credential, licensed states, languages, groups and room.

Set on a supervisor's page or by the operator's command, each with an audit row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from handoff import audit
from handoff.context import Context, wake
from handoff.errors import Invalid, NotFound
from handoff.models.staff import Staff
from handoff.skills import skills
from handoff.wakeups import DESK

CREDENTIAL = re.compile(r"[A-Za-z][A-Za-z ,.-]{0,15}")
STATE = re.compile(r"[A-Z]{2,3}")
LANGUAGE = re.compile(r"[a-z]{2,3}")  # ISO 639
MOST = 100


@dataclass(frozen=True)
class Profile:
    """As it is stored; raises Invalid, naming the field, for what does not fit."""

    credential: str = ""
    states: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    skills: tuple[str, ...] = ()
    capacity: int | None = None
    """The most cases at once; None: the setting's."""

    def __post_init__(self) -> None:
        if self.credential and not CREDENTIAL.fullmatch(self.credential):
            raise Invalid("Give the credential in letters, such as RN, in at most 16.", field="credential")
        if not all(STATE.fullmatch(one) for one in self.states):
            raise Invalid("Give states by their capital letters, such as NY.", field="states")
        if not self.languages or not all(LANGUAGE.fullmatch(one) for one in self.languages):
            raise Invalid("Give at least one language by its code, such as en or es.", field="languages")
        groups = skills().titles
        if not all(one in groups for one in self.skills):
            raise Invalid(f"Choose groups from: {', '.join(groups)}.", field="skills")
        if self.capacity is not None and not 1 <= self.capacity <= MOST:
            raise Invalid(f"The most cases at once is a number from 1 to {MOST}.", field="capacity")

    def put_on(self, staff: Staff) -> None:
        staff.credential, staff.capacity = self.credential, self.capacity
        staff.states, staff.languages = sorted(set(self.states)), sorted(set(self.languages))
        staff.skills = [group for group in skills().titles if group in self.skills]


def set_profile(context: Context, supervisor: Staff, email: str, profile: Profile) -> Staff:
    """Counts from the next case on; what a nurse holds stays theirs."""
    now = context.clock.now()
    with context.transaction() as session:
        staff = Staff.by_email(session, email)
        if staff is None or not staff.has("nurse"):
            raise NotFound("There is no nurse with this e-mail address.", field="email")
        profile.put_on(staff)
        audit.record(session, supervisor.email, "staff.profile", f"staff {staff.id}", now)
        wake(session, DESK)
        return staff
