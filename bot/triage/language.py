"""Which language a message is in, and whether triage can read it at all. Triage reads English and Spanish."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from .words import plain

READ = ("en", "es")
UNKNOWN = "und"
ENOUGH = 3
"""Small words of another language that must be there, and outnumber English and Spanish, to name that one."""


@dataclass(frozen=True)
class Languages:
    """Knows languages by script and by their small words."""

    scripts: Mapping[str, str]
    words: Mapping[str, frozenset[str]]

    def of(self, text: str) -> str:
        """A language code, "und" for an unknown script; "en" when there is nothing to judge by."""
        letters = [c for c in text if c.isalpha()]
        if not letters:
            return "en"
        scripts = Counter(unicodedata.name(c, "UNKNOWN").split(" ")[0].split("-")[0] for c in letters)
        foreign = {
            s: n
            for s, n in scripts.items()
            if s not in ("LATIN", "FULLWIDTH", "MODIFIER", "FEMININE", "MASCULINE")
        }
        if sum(foreign.values()) * 3 > len(letters):
            return self.scripts.get(max(foreign, key=lambda s: foreign[s]), UNKNOWN)
        return self._by_words([plain(w.strip('.,!?;:()"')) for w in text.split()])

    def _by_words(self, typed: list[str]) -> str:
        counts = {code: sum(w in small for w in typed) for code, small in self.words.items()}
        read = max(READ, key=lambda code: (counts[code], code == "en"))
        other = max((c for c in counts if c not in READ), key=lambda code: counts[code])
        if counts[other] >= ENOUGH and counts[other] > counts[read] + 1:
            return other
        return read


def readable(code: str) -> bool:
    """True for the languages whose messages triage understands."""
    return code in READ
