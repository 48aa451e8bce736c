"""What triage says about one message: plain, frozen data that both environments can pass around as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, cast, get_args

Acuity = Literal["crisis", "emergency", "urgent", "distress", "routine"]
Distress = Literal["crisis", "distress", "none"]
About = Literal["self", "child", "other", "unknown"]

ACUITIES: tuple[str, ...] = get_args(Acuity)
"""Most pressing first."""

FAMILIES: tuple[str, ...] = (
    "medical",
    "poison",
    "suicide",
    "danger-to-others",
    "psychosis",
    "after-birth",
    "sexual-assault",
    "child-abuse",
    "elder-abuse",
    "violence",
    "self-harm",
    "eating-disorder",
)
"""The families of safety copy, most dangerous within minutes first."""


@dataclass(frozen=True)
class Evidence:
    """One reason for a judgement, as a nurse should see it."""

    code: str
    span: str
    """The patient's own words, unchanged."""
    why: str


OWN_CASE_FROM = 0.6
"""Complexity from which a message is about this person's own case."""


@dataclass(frozen=True)
class Complexity:
    """How much a message asks for a nurse's judgement on this person's own case."""

    score: float = 0.0
    """0 to 1."""
    reasons: tuple[str, ...] = ()
    own_case: bool = False


@dataclass(frozen=True)
class Assessment:
    """The judgement on one message."""

    acuity: Acuity = "routine"
    distress: Distress = "none"
    families: tuple[str, ...] = ()
    about: About = "unknown"
    wants_human: bool = False
    complexity: Complexity = field(default_factory=Complexity)
    evidence: tuple[Evidence, ...] = ()
    readable: bool = True
    all_clear: bool = False
    """The patient says that they are fine or safe. It lowers nothing."""
    language: str = "en"
    unclear_reading: str = ""
    """The kind of a number that makes no sense as it stands; empty where another danger is found."""
    scores: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Assessment:
        """Raise KeyError or TypeError where the data is not what `to_json` gave."""
        known = dict(data)
        known["families"] = tuple(data["families"])
        known["evidence"] = tuple(Evidence(**one) for one in data["evidence"])
        complexity = dict(data["complexity"])
        known["complexity"] = Complexity(**{**complexity, "reasons": tuple(complexity["reasons"])})
        return cls(**known)


def worst(acuities: Iterable[str]) -> Acuity:
    """The most pressing of these; routine if there are none."""
    named = set(acuities)
    for acuity in get_args(Acuity):
        if acuity in named:
            return cast(Acuity, acuity)
    return "routine"
