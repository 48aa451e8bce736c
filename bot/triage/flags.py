"""Red flags: what a clinician wrote in `data/triage/red_flags/`, and where a message says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .phrases import Grammar, Phrase
from .words import STOP, Normal


@dataclass(frozen=True)
class Flag:
    """One red flag."""

    code: str
    area: str
    family: str
    """Family of safety copy; "" for flags that have none."""
    acuity: str
    why: str
    source: str
    phrases: tuple[Phrase, ...]
    unless: tuple[Phrase, ...] = ()
    """The flag is not raised by a sentence that also says one of these."""
    softer: tuple[Phrase, ...] = ()
    """Where its sentence also says one of these, the flag is raised with `soft_acuity`."""
    soft_acuity: str = "urgent"


@dataclass(frozen=True)
class Hit:
    """A place where a message says a flag. `first` and `last` + 1 are word numbers."""

    flag: Flag
    first: int
    last: int
    acuity: str


class FlagMatcher:
    """Finds flags in normalised texts. Only phrases whose rarest word is there are tried."""

    def __init__(self, flags: Sequence[Flag]) -> None:
        self._flags = tuple(flags)
        self._always: list[tuple[Flag, Phrase]] = []
        self._by_word: dict[str, list[tuple[Flag, Phrase]]] = {}
        for flag in flags:
            for phrase in flag.phrases:
                for word in phrase.anchors:
                    self._by_word.setdefault(word, []).append((flag, phrase))
                if not phrase.anchors:
                    self._always.append((flag, phrase))

    @property
    def flags(self) -> tuple[Flag, ...]:
        return self._flags

    def find(self, normal: Normal) -> list[Hit]:
        """Every flag that the words say, whatever the words around them do to it."""
        places: dict[tuple[str, int, int], Hit] = {}
        for flag, phrase in self._candidates(normal):
            for start, end in phrase.find(normal.text):
                first, last = _words_at(normal, start, end)
                key = (flag.code, first, last)
                if key in places:
                    continue
                hit = _judge(flag, first, last, normal)
                if hit is not None:
                    places[key] = hit
        return list(places.values())

    def _candidates(self, normal: Normal) -> Iterator[tuple[Flag, Phrase]]:
        seen: set[int] = set()
        for word in {w.text for w in normal.words}:
            for flag, phrase in self._by_word.get(word, ()):
                if id(phrase) not in seen:
                    seen.add(id(phrase))
                    yield flag, phrase
        yield from self._always


def _judge(flag: Flag, first: int, last: int, normal: Normal) -> Hit | None:
    sentence = _sentence(normal, first, last)
    if any(next(phrase.find(sentence), None) for phrase in flag.unless):
        return None
    soft = any(next(phrase.find(sentence), None) for phrase in flag.softer)
    return Hit(flag, first, last, flag.soft_acuity if soft else flag.acuity)


def _words_at(normal: Normal, start: int, end: int) -> tuple[int, int]:
    """Character offsets of the normalised text as word numbers."""
    first = normal.text.count(" ", 0, start)
    return first, first + normal.text.count(" ", start, end) + 1


def _sentence(normal: Normal, first: int, last: int) -> str:
    """The sentence or sentences that hold these words, at most 40 words to each side."""
    start, end = first, last
    while start > max(0, first - 40) and normal.words[start - 1].text != STOP:
        start -= 1
    while end < min(len(normal.words), last + 40) and normal.words[end].text != STOP:
        end += 1
    return " ".join(w.text for w in normal.words[start:end])


def read_flags(area: dict[str, Any], grammar: Grammar) -> list[Flag]:
    """The flags of one file's data. Raise KeyError or PhraseError when it is not of the right shape."""
    out = []
    for one in area["flags"]:
        source = one.get("source", area["source"])
        out.append(
            Flag(
                code=one["code"],
                area=area["area"],
                family=one.get("family", area.get("family", "")),
                acuity=one.get("acuity", area["acuity"]),
                why=one["why"],
                source=f"{source['publisher']}: {source['title']}",
                phrases=compile_lines(one["phrases"], grammar),
                unless=compile_lines(one.get("unless", ""), grammar),
                softer=compile_lines(one.get("softer", ""), grammar),
                soft_acuity=one.get("soft_acuity", "urgent"),
            )
        )
    return out


def compile_lines(text: str, grammar: Grammar) -> tuple[Phrase, ...]:
    """One phrase a line."""
    return tuple(grammar.compile(line.strip()) for line in text.splitlines() if line.strip())
