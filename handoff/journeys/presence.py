"""Who looks at a case and who writes in it, so that two do not do the same work."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from handoff.context import Context, wake
from handoff.journeys.holding import readable_case
from handoff.models.case import Case
from handoff.models.presence import Presence
from handoff.models.staff import Staff
from handoff.wakeups import DESK


def look_at(context: Context, staff: Staff, case_id: int, typing: bool = False) -> None:
    """This person's page shows the case; said again every few seconds while it does."""
    with context.transaction() as session:
        readable_case(session, case_id, staff)
        if Presence.mark(session, case_id, staff, context.clock.now(), typing):
            wake(session, DESK)


def look_away(context: Context, staff: Staff, case_id: int) -> None:
    with context.transaction() as session:
        Presence.end(session, case_id, staff)
        wake(session, DESK)


def who_looks(session: Session, context: Context, case: Case) -> list[dict[str, Any]]:
    now = context.clock.now()
    return [
        {"email": one.staff.email, "name": one.staff.name, "typing": one.is_typing(now)}
        for one in Presence.of(session, case, now)
    ]
