"""Thresholds: from where a number is a danger, with what near it, and who says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .flags import Flag
from .numbers import Values

OLDEST = 12.0 * 200
"""Months."""


@dataclass(frozen=True)
class Level:
    """A threshold, and what must be near for it to count."""

    kind: str
    flag: Flag
    at_least: Values
    below: Values
    near: tuple[str, ...]
    without: tuple[str, ...]
    age_from: float
    age_under: float
    aged: bool
    """Only where an age is said."""
    age_unknown: bool
    within_days: float

    def reached(self, values: Values, days: float) -> bool:
        if self.within_days and days > self.within_days:
            return False
        return any(values.get(m, limit - 1) >= limit for m, limit in self.at_least.items()) or any(
            values.get(m, limit) < limit for m, limit in self.below.items()
        )


def read_levels(data: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Level, ...]]:
    """Kind → its levels, in the order of the data. Raise KeyError when one is not of the right shape."""
    levels: dict[str, tuple[Level, ...]] = {}
    for one in data:
        levels[one["kind"]] = (*levels.get(one["kind"], ()), _level(one))
    return levels


def _level(data: Mapping[str, Any]) -> Level:
    source = data["source"]
    family = "poison" if data["kind"] == "swallowed" else "medical"
    flag = Flag(
        code=data["code"],
        area=data["kind"],
        family=family,
        acuity=data["acuity"],
        why=data["why"],
        source=f"{source['publisher']}: {source['title']}",
        phrases=(),
    )
    return Level(
        data["kind"],
        flag,
        data.get("at_least", {}),
        data.get("below", {}),
        tuple(data.get("with", ())),
        tuple(data.get("without", ())),
        data.get("age_from", 0.0),
        data.get("age_under", OLDEST),
        "age_from" in data or "age_under" in data,
        data.get("age_unknown", False),
        data.get("within_days", 0.0),
    )
