"""Why triage judged as it did, for the nurse: which words, which rule or example, and how sure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import exp
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
    """Each reason and its source: `by` is `rule` or `example`, `score` (0 to 1) how sure that layer is."""
    scores = _scores(session, case) if any(one["code"].startswith(TRAINED) for one in case.reasons) else {}
    return [_with_source(one, scores) for one in case.reasons]


def _with_source(reason: dict[str, str], scores: dict[str, float]) -> dict[str, Any]:
    trained = reason["code"].startswith(TRAINED)
    odds = scores.get(reason["code"].removeprefix(TRAINED)) if trained else None
    score = None if odds is None else round(1 / (1 + exp(-odds)), 3)
    return {**reason, "by": "example" if trained else "rule", "score": score}


def _scores(session: Session, case: Case) -> dict[str, float]:
    """The highest log odds of each kind of danger in this case's messages."""
    query = (
        select(AssessmentRecord)
        .join(Message, Message.id == AssessmentRecord.message_id)
        .where(
            Message.conversation_id == case.conversation_id,
            AssessmentRecord.at >= case.opened_at - JUST_BEFORE,
        )
    )
    return _highest([record.found.get("scores", {}) for record in session.scalars(query)])


def _highest(all_scores: Sequence[dict[str, float]]) -> dict[str, float]:
    best: dict[str, float] = {}
    for scores in all_scores:
        for head, score in scores.items():
            best[head] = max(score, best.get(head, 0.0))
    return best
