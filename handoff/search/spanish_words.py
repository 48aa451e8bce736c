"""Spanish as patients text it: words by sound, names of topics, words for aspects (lexicon/spanish.yml)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handoff.errors import Invalid
from handoff.languages import folded
from handoff.models.answer import ASPECTS
from handoff.yaml_file import read_yaml

FOLDER = Path(__file__).resolve().parents[2] / "data" / "lexicon"
MENDABLE = 6
"""Shorter words are not guessed at."""
SHORTEST_BORROWED = 4
"""Shorter English names of topics are words of another meaning in Spanish."""
WORD = re.compile(r"[a-z0-9]+")
SOUNDS = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"ph", "f"), (r"qu(?=[ei])|q", "k"), (r"c(?=[ei])|z", "s"), (r"ch", "X"), (r"c", "k"),
        (r"g(?=[ei])", "j"), (r"gu(?=[ei])", "g"), (r"v", "b"), (r"ll", "y"), (r"h", ""), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
"""What sounds alike to most Spanish speakers of the Americas is spelt alike, as in "asucar" and "azúcar"."""

PLURAL = re.compile(r"(?<=[a-zA-Z]{2}[aeiou])s$|(?<=[a-zA-Z]{2}[ndrlsj])es$")

Key = tuple[str, ...]


def sound(word: str) -> str:
    """One word by its sound, in the singular."""
    for pattern, said in SOUNDS:
        word = pattern.sub(said, word)
    return PLURAL.sub("", word)


@dataclass(frozen=True)
class SpanishReading:
    """One text as the Spanish lexicon reads it."""

    words: Key
    """Sounds of all words, shorthand spelt out."""
    mentions: tuple[tuple[str, ...], ...] = ()
    """Topics that each name may mean; none for a name of no topic."""
    aspects: Mapping[str, float] = field(default_factory=dict)
    """How many words say that the text is about each aspect."""
    rest: int = 0
    """Words that say something, and that neither a name nor an aspect accounts for."""


class SpanishWords:
    """Reads the file; raises Invalid when it is not as it should be."""

    def __init__(self, folder: Path = FOLDER) -> None:
        data = _load(folder / "spanish.yml")
        borrowed = _load(folder / "topics.yml")
        self.titles = {id: str(row["title"]) for id, row in data["topics"].items()}
        self.aspect_titles: dict[str, str] = data["aspect_titles"]
        self._sides = {id: row["side"] for id, row in data["topics"].items() if "side" in row}
        self._spelling = {folded(wrong): str(right) for wrong, right in data["spelling"].items()}
        self._known: set[str] = set()
        self._empty = {sound(word) for word in data["empty"].split()}
        self._names = self._phrases({id: row["names"] for id, row in data["topics"].items()})
        self._names |= dict.fromkeys(self._phrases({"": data["elsewhere"]}), ())
        self._aspects = self._phrases({aspect: data["aspects"][aspect] for aspect in ASPECTS})
        self._targets = {word for word in self._known if len(word) >= MENDABLE}
        self._shorter: dict[str, set[str]] = {}
        for word in self._targets:
            for shorter in _one_less(word):
                self._shorter.setdefault(shorter, set()).add(word)
        self._known |= self._empty
        english = self._phrases({id: _borrowed(row["names"]) for id, row in borrowed.items()})
        self._names = english | self._names

    def read(self, text: str) -> SpanishReading:
        """Any text, however odd; never raises."""
        words = self.words(text)
        names = _longest(words, self._names)
        taken = {place for start, end in names for place in range(start, end)}
        main = [span for span in names if not self._side(words, span)]
        sides = [span for span in names if span not in main]
        aspects: dict[str, float] = {}
        for start, end in _longest(words, self._aspects):
            if taken & set(range(start, end)):
                continue
            taken |= set(range(start, end))
            for aspect in self._aspects[words[start:end]]:
                aspects[aspect] = aspects.get(aspect, 0) + end - start
        if main:
            for span in sides:
                side = self._side(words, span)
                aspects[side] = aspects.get(side, 0) + 2
        rest = sum(word not in self._empty for place, word in enumerate(words) if place not in taken)
        found = [self._names[words[start:end]] for start, end in main or sides]
        return SpanishReading(words, tuple(dict.fromkeys(found)), aspects, rest)

    def words(self, text: str) -> Key:
        """The sounds of its words, in order."""
        spelt = (self._spelling.get(word, word) for word in WORD.findall(folded(text)))
        return tuple(self._mend(sound(word)) for words in spelt for word in words.split())

    def label(self, topic: str, aspect: str) -> str:
        """What an answer that is there in English only is called in a choice."""
        return f"{self.titles[topic]}: {self.aspect_titles[aspect]} (inglés)"

    def _side(self, words: Key, span: tuple[int, int]) -> str:
        topics = self._names[words[span[0] : span[1]]]
        return self._sides.get(topics[0], "") if topics else ""

    def _phrases(self, rows: Mapping[str, Iterable[str]]) -> dict[Key, tuple[str, ...]]:
        found: dict[Key, list[str]] = {}
        for label, phrases in rows.items():
            for phrase in phrases:
                key = tuple(sound(word) for word in WORD.findall(folded(phrase)))
                self._known |= set(key)
                labels = found.setdefault(key, [])
                if label not in labels:
                    labels.append(label)
        return {key: tuple(labels) for key, labels in found.items()}

    def _mend(self, word: str) -> str:
        """A word that is one slip away from exactly one known word is that word."""
        if len(word) < MENDABLE or word in self._known:
            return word
        near = set(self._shorter.get(word, ()))
        for shorter in _one_less(word):
            near |= ({shorter} & self._targets) | self._shorter.get(shorter, set())
        return near.pop() if len(near) == 1 else word


def _borrowed(names: Iterable[str]) -> list[str]:
    """English names that Spanish speakers mix in, and medicines' names."""
    return [name for name in names if len(name) >= SHORTEST_BORROWED]


def _longest(words: Key, phrases: Mapping[Key, object]) -> list[tuple[int, int]]:
    """The spans that are phrases, longest first where they overlap, in the order of the text."""
    most = max(map(len, phrases))
    spans = [
        (start, start + size)
        for size in range(min(most, len(words)), 0, -1)
        for start in range(len(words) - size + 1)
        if words[start : start + size] in phrases
    ]
    kept: list[tuple[int, int]] = []
    for start, end in spans:
        if all(end <= other or start >= stop for other, stop in kept):
            kept.append((start, end))
    return sorted(kept)


def _one_less(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


def _load(path: Path) -> dict[str, Any]:
    data = read_yaml(path)
    if not isinstance(data, dict) or not data:
        raise Invalid(f"{path.name} should hold one entry a name.")
    return data
