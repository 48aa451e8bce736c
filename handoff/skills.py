"""Groups of nurses, and which group a topic or a reason of triage is for: `data/routing/skills.yml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from handoff.yaml_file import read_yaml

FILE = Path(__file__).resolve().parents[1] / "data" / "routing" / "skills.yml"
ANY = "any"
CHILDREN = "paediatrics"


@dataclass(frozen=True)
class Skills:
    titles: Mapping[str, str]
    """Group → its name for people, the most particular group first."""
    topics: Mapping[str, str]
    """Topic → group, or `any`."""
    reasons: tuple[tuple[str, str], ...]
    """(pattern of a code, group or `any`)."""

    def of_topics(self, topics: Iterable[str]) -> str | None:
        """The most particular group that one of these topics is for; None: any nurse."""
        return self._first({self.topics.get(topic, ANY) for topic in topics})

    def of_reasons(self, codes: Iterable[str]) -> str | None:
        """The most particular group that one of these codes of triage is for; None: any nurse."""
        given = tuple(codes)
        return self._first(
            {group for pattern, group in self.reasons if any(fnmatchcase(code, pattern) for code in given)}
        )

    def _first(self, groups: set[str]) -> str | None:
        return next((group for group in self.titles if group in groups), None)


@cache
def skills() -> Skills:
    """The shipped list."""
    data = read_yaml(FILE)
    return Skills(
        titles=data["groups"],
        topics={topic: group for group, topics in data["topics"].items() for topic in topics},
        reasons=tuple((code, group) for group, codes in data["reasons"].items() for code in codes),
    )
