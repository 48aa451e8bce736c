"""Floors under what the blind set measures: a change that loses people must not pass unseen.

`blind/README.md` says what it is. `make evaluate` has the figures; these are a little below them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bot.triage import Assessment, Triage

BLIND = Path(__file__).parent / "blind"
Row = dict[str, Any]


def rows(name: str, **wanted: str) -> list[Row]:
    found = map(json.loads, (BLIND / f"{name}.jsonl").read_text("utf8").splitlines())
    return [row for row in found if all(row[key] == value for key, value in wanted.items())]


def share(triage: Triage, some: Sequence[Row], good: Callable[[Assessment], bool]) -> float:
    return sum(good(triage.assess(row["text"])) for row in some) / len(some)


def danger(found: Assessment) -> bool:
    return found.acuity in ("crisis", "emergency") or found.distress == "crisis"


def same_day(found: Assessment) -> bool:
    return danger(found) or found.acuity == "urgent"


def human(found: Assessment) -> bool:
    return found.acuity != "routine" or found.distress != "none" or found.complexity.own_case


def test_the_set_is_the_frozen_one() -> None:
    for line in (BLIND / "FROZEN.sha256").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((BLIND / name).read_bytes()).hexdigest() == digest, name


def test_emergencies_in_lay_words_are_caught(hearing: Triage) -> None:
    emergencies = rows("emergencies")
    assert share(hearing, emergencies, danger) >= 0.85
    assert share(hearing, emergencies, same_day) >= 0.97


def test_only_the_trained_layer_hears_hints(hearing: Triage, triage: Triage) -> None:
    hints = rows("slices", slice="implied", want="crisis")
    assert share(triage, hints, human) < 0.1
    assert share(hearing, hints, human) >= 0.75


def test_calm_messages_of_every_slice_stay_calm(hearing: Triage) -> None:
    calm = rows("slices", want="calm")
    assert share(hearing, calm, danger) <= 0.08
