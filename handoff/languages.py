"""Which language a patient writes, or asks to be answered in; None where a few words do not tell.

Triage judges whether a message can be read at all; this decides what the contact is answered in, and keeps it
where a message could be either. A word list is enough, and shows a translator what it goes by.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from handoff.yaml_file import read_yaml

WORDS = Path(__file__).resolve().parents[1] / "data" / "languages" / "words.yml"
SIGNS = frozenset("¿¡ñ")
SHARED_WEIGHT = 0.4
ENOUGH_SPANISH = 2
"""Sure words from which a message that mixes in English counts as Spanish: its writer reads both."""
ENOUGH_ENGLISH = 2
"""Sure words that lead back to English: "ok thanks" alone does not."""
LONGEST_ASK = 12
"""Words: in a longer story the name of a language asks for nothing."""
STRETCHED = re.compile(r"([a-z])\1{2,}")
WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


def folded(text: str) -> str:
    """Lower case without accents, curly quotes straight, "holaaaa" as "hola": as most people text."""
    marked = unicodedata.normalize("NFD", text.lower().replace("\u2019", "'"))
    bare = "".join(sign for sign in marked if not unicodedata.combining(sign))
    return STRETCHED.sub(r"\1", bare)


def written_in(text: str) -> str | None:
    """ "es" or "en" when the words tell, else None."""
    known = _known()
    words = WORD.findall(folded(text))
    spanish = sum(word in known.spanish for word in words) + any(sign in SIGNS for sign in text.lower())
    english = sum(word in known.english for word in words)
    leaning = spanish + SHARED_WEIGHT * sum(word in known.shared for word in words)
    if spanish and (leaning >= english or spanish >= ENOUGH_SPANISH):
        return "es"
    return "en" if english >= ENOUGH_ENGLISH and not spanish else None


def asked_for(text: str) -> str | None:
    """The language that the message asks for by name ("en español por favor", "in english"), if it does."""
    said = folded(text)
    words, asks = WORD.findall(said), _known().asks
    if len(words) > LONGEST_ASK:
        return None
    for kind in ("cannot", "wish"):  # "no hablo inglés" names English and asks for Spanish
        for language, asking in asks.items():
            if re.search(getattr(asking, kind), said):
                return language
    return next((one for one, asking in asks.items() if asking.names & set(words) and only_asks(text)), None)


def only_asks(text: str) -> bool:
    """Whether the message names a language and says nothing else but courtesies."""
    known, words = _known(), set(WORD.findall(folded(text)))
    names = frozenset().union(*(asking.names for asking in known.asks.values()))
    return bool(words & names) and words <= names | known.filler


@dataclass(frozen=True)
class _Asking:
    cannot: re.Pattern[str]
    wish: re.Pattern[str]
    names: frozenset[str]


@dataclass(frozen=True)
class _Known:
    spanish: frozenset[str]
    shared: frozenset[str]
    english: frozenset[str]
    asks: Mapping[str, _Asking]
    filler: frozenset[str]


@cache
def _known() -> _Known:
    data: dict[str, Any] = read_yaml(WORDS)
    shared = frozenset(data["es"]["shared"].split())
    english = frozenset(data["en"]["sure"].split())
    return _Known(
        spanish=frozenset(data["es"]["sure"].split()) - shared - english,
        shared=shared,
        english=english,
        asks={
            language: _Asking(_pattern(row["cannot"]), _pattern(row["wish"]), frozenset(row["names"]))
            for language, row in data["asks"].items()
            if language != "filler"
        },
        filler=frozenset(data["asks"]["filler"].split()),
    )


def _pattern(text: str) -> re.Pattern[str]:
    """What stands on several lines of the file as one pattern, between words."""
    return re.compile(rf"\b(?:{text.replace('| ', '|')})(?!\w)")
