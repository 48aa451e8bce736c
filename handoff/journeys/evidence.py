"""Why triage judged as it did, for the nurse: which words, which rule or example, and how sure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.models.case import Case
from handoff.models.conversation import AssessmentRecord, Message

TRAINED = "trained."
"""How codes of the trained layer begin; all others are rules, which match or do not."""


JUST_BEFORE = timedelta(minutes=2)
"""A message is judged before it opens a case, and with those of the last two minutes."""


def evidence(session: Session, case: Case) -> list[dict[str, Any]]:
    """Each reason, `by` a `rule` or an `example`; `odds` are the log odds with which an example spoke up."""
    trained = any(one["code"].startswith(TRAINED) for one in case.reasons)
    highest = _highest(session, case) if trained else {}
    return [_with_source(one, highest) for one in case.reasons]


def _with_source(reason: dict[str, str], highest: dict[str, float]) -> dict[str, Any]:
    if not reason["code"].startswith(TRAINED):
        return {**reason, "by": "rule", "odds": None}
    return {**reason, "by": "example", "odds": highest.get(reason["code"].removeprefix(TRAINED))}


def _highest(session: Session, case: Case) -> dict[str, float]:
    """The highest log odds of each kind in this case's messages."""
    query = (
        select(AssessmentRecord)
        .join(Message, Message.id == AssessmentRecord.message_id)
        .where(
            Message.conversation_id == case.conversation_id,
            AssessmentRecord.at >= case.opened_at - JUST_BEFORE,
        )
    )
    best: dict[str, float] = {}
    for record in session.scalars(query):
        for head, odds in record.found.get("scores", {}).items():
            best[head] = max(odds, best.get(head, odds))
    return best
