"""Words that the law and the carriers give a meaning: stop, start and help, also in plain sentences.

Looked at only after triage. Whether "yes" or "help" means something else just now (an open question, a
danger) is the caller's to decide.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from .data import FOLDER, read_words, read_yaml
from .flags import compile_lines
from .phrases import Phrase
from .words import PAUSE, STOP, Spelling

Keyword = Literal["stop", "start", "help"]

LONGEST = 120
"""Characters; a longer message has more to say than a keyword."""


def keyword(text: str) -> Keyword | None:
    """The meaning of a whole message, or None. "make it stop" and "help me" are no keywords."""
    if len(text) > LONGEST:
        return None
    spelling, meanings = _loaded()
    said = " ".join(w.text for w in spelling.normalise(text).words if w.text not in (STOP, PAUSE))
    for meaning, phrases in meanings:
        if any(phrase.is_all_of(said) for phrase in phrases):
            return meaning
    return None


@cache
def _loaded() -> tuple[Spelling, tuple[tuple[Keyword, tuple[Phrase, ...]], ...]]:
    data = read_yaml(FOLDER / "keywords.yml")
    spelling, grammar = read_words(FOLDER, more_lists=data["lists"])
    names: tuple[Keyword, ...] = ("stop", "start", "help")
    return spelling, tuple((name, compile_lines(data[name], grammar)) for name in names)
