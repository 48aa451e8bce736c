"""Who writes on the scripted day, when, and what they say. The same seed gives the same day."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

KINDS = {
    # in a hundred patients, how long a nurse is busy with one (minutes), their words
    "crisis": (3, 15, "i dont want to be alive anymore, i want to kill myself"),
    "emergency": (5, 8, "i have crushing chest pain and i cant breathe"),
    "urgent": (15, 6, "my cut is red and swollen and pus is coming out"),
    "distress": (8, 8, "i am so overwhelmed and scared i cant stop crying"),
    "routine": (47, 5, "can i talk to a nurse please"),
    "question": (22, 0, "hello"),
}
"""Our own guess at a clinic's day; the shares matter less than that they stay the same."""
WORSE = "now i have crushing chest pain and i cant breathe"
AGAIN = "its me again. can i talk to a nurse please"
GET_WORSE, COME_BACK = 0.03, 0.25


@dataclass(frozen=True)
class Said:
    at: datetime
    number: str
    words: str


@dataclass(frozen=True)
class Plan:
    said: list[Said]
    """In order of time."""
    minutes: dict[str, float]
    """By number, how long a nurse is busy with this patient."""


def plan(seed: int, patients: int, opens: datetime) -> Plan:
    """Nurses come at `opens`; a few patients write in the hour and a half before that, the rest all day."""
    dice = random.Random(seed)
    said: list[Said] = []
    minutes: dict[str, float] = {}
    for place in range(patients):
        number = f"+1202{5550000 + place}"
        kind = dice.choices(list(KINDS), [share for share, _, _ in KINDS.values()])[0]
        at = opens + timedelta(hours=dice.triangular(-1.5, 8.5, 3.5))
        minutes[number] = KINDS[kind][1] * dice.lognormvariate(0, 0.4) or 5.0
        said += _visits(dice, number, kind, at)
    return Plan(sorted(said, key=lambda one: (one.at, one.number)), minutes)


def _visits(dice: random.Random, number: str, kind: str, at: datetime) -> Iterator[Said]:
    yield Said(at, number, KINDS[kind][2])
    if kind == "routine" and dice.random() < GET_WORSE:
        yield Said(at + timedelta(minutes=dice.uniform(1, 8)), number, WORSE)
    if kind not in ("crisis", "question") and dice.random() < COME_BACK:
        yield Said(at + timedelta(hours=dice.uniform(1.5, 4)), number, AGAIN)
