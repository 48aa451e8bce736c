"""The served answers as arrays: what a search looks through, as of one content version."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from handoff.models.answer import AnswerVersion
from handoff.search.aspects import AspectModel, Floats, features
from handoff.search.lexicon import Lexicon
from handoff.search.vectors import Vectors

Embed = Callable[[Sequence[str]], Vectors]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Entry:
    """One served answer."""

    answer_id: str
    version: int
    topic: str
    aspect: str
    title: str


@dataclass(frozen=True)
class Snapshot:
    """Entries of one language, and the vectors of their example questions (rows grouped by entry)."""

    entries: tuple[Entry, ...]
    texts: Vectors
    canonical: Vectors
    bare: Vectors
    """The example questions as written, with names as their topics' titles, and without names."""
    first: Integers
    """For each entry its first row in these."""
    aspects: AspectModel

    @cached_property
    def topics(self) -> dict[str, list[int]]:
        """Places of the entries of each topic."""
        places: dict[str, list[int]] = {}
        for place, entry in enumerate(self.entries):
            places.setdefault(entry.topic, []).append(place)
        return places

    def likeness(self, questions: Vectors, windows: Vectors) -> Floats:
        """(entries,): how alike the closest window and the closest of each entry's `questions` are."""
        closest = (questions @ windows.T).max(axis=1)
        best: Floats = np.maximum.reduceat(closest, self.first).astype(np.float64)
        return best

    def familiar(self, bare: Vectors) -> float:
        """How alike a text without its topic's name is to any example question without its own."""
        return float((self.bare @ bare.T).max())


@dataclass(frozen=True)
class Asked:
    """A served answer with the texts that ask for it."""

    entry: Entry
    language: str
    questions: tuple[str, ...]


def asked(version: AnswerVersion) -> Asked | None:
    """What a search needs of one version; None for an audience that a patient does not name by themselves."""
    answer = version.answer
    if answer.audience != "adult":
        return None
    entry = Entry(version.answer_id, version.number, answer.topic, answer.aspect, version.title)
    return Asked(entry, answer.language, (*version.questions, f"{version.title} {answer.topic_title}"))


def take(answers: Sequence[Asked], lexicon: Lexicon, embed: Embed) -> Snapshot:
    """A snapshot of these answers (at least one), whose order it keeps."""
    readings = [lexicon.read_example(text) for one in answers for text in one.questions]
    sizes = [len(one.questions) for one in answers]
    texts = embed([reading.text for reading in readings])
    canonical = embed([reading.canonical for reading in readings])
    bare = embed([reading.bare for reading in readings])
    aspects = [one.entry.aspect for one in answers for _ in one.questions]
    model = AspectModel.fit(features(readings, canonical, bare), aspects)
    first = np.cumsum([0, *sizes[:-1]])
    return Snapshot(tuple(one.entry for one in answers), texts, canonical, bare, first, model)
