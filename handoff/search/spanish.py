"""From a question in Spanish to an answer, a choice of answers, or an honest "not sure".

The sentence vectors know English only (measured in docs/decisions/0017), so Spanish is matched by words: the
topic has to be named, the aspect to be said, or the question to be one of the examples in all but spelling.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

from handoff.contract import Found, Hit
from handoff.search.snapshot import Asked, Entry
from handoff.search.spanish_words import Key, SpanishReading, SpanishWords

SHOWN = 3
GRAM = 3
"""Letters; words are padded, so that their ends count."""
SAME, LIKE = 0.82, 0.65
"""Likeness to an example question at which a text asks just that; at which its answer is worth offering.
Chosen on tests/search/spanish_questions.txt: see docs/decisions/0017."""
CUE_WEIGHT = 0.5
SURE, LEAD = 0.5, 0.12
"""Score, and lead over the next answer of the topic, from which an answer is given outright."""
STRANGE = 3
"""Words that nothing accounts for, from which a short question about a named topic is asked about first."""
CONFIDENT, OFFERED = 0.9, 0.5
"""The confidence that is told: this ranker decides by rules, not by a probability."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Place:
    entry: Entry
    spanish: bool


class SpanishRanker:
    """Searches the Spanish answers, and names of the English ones for what is not there in Spanish yet."""

    def __init__(self, spanish: Sequence[Asked], english: Sequence[Asked], words: SpanishWords) -> None:
        self._words = words
        there = {(one.entry.topic, one.entry.aspect) for one in spanish}
        others = [one.entry for one in english if (one.entry.topic, one.entry.aspect) not in there]
        self._places = [_Place(one.entry, True) for one in spanish] + [_Place(one, False) for one in others]
        self._topics: dict[str, list[int]] = {}
        for number, place in enumerate(self._places):
            self._topics.setdefault(place.entry.topic, []).append(number)
        self._alike = _Likeness(
            [[words.words(text) for text in one.questions] for one in spanish], len(self._places)
        )

    def find(self, text: str, about: str | None = None) -> Found:
        """What to do with one message; `about` is the topic the conversation is on, if there is one."""
        reading = self._words.read(text)
        if not reading.words:
            return Found("unsure", 0.0)
        alike = self._alike.to(reading.words)
        same = [number for number in self._best(alike) if alike[number] >= SAME]
        topics = self._topics_of(reading, about)
        if same and (not topics or self._places[same[0]].entry.topic in topics):
            return self._found("answer", same[:1])
        if not topics:
            near = [number for number in self._best(alike) if alike[number] >= LIKE]
            named_elsewhere = bool(reading.mentions)
            return self._found("clarify", near) if near and not named_elsewhere else Found("unsure", 0.0)
        ranked = [self._rank(self._topics[topic], reading, alike) for topic in topics]
        return self._decide(ranked, reading)

    def _topics_of(self, reading: SpanishReading, about: str | None) -> list[str]:
        """The topics that are named and have answers; else the one that the conversation is on."""
        if not reading.mentions:
            return [about] if about in self._topics and reading.aspects else []
        return [
            topic for topic in dict.fromkeys(t for m in reading.mentions for t in m) if topic in self._topics
        ]

    def _rank(
        self, numbers: Iterable[int], reading: SpanishReading, alike: Floats
    ) -> list[tuple[float, int]]:
        """(score, place) of one topic's answers, best first."""
        most = sum(reading.aspects.values()) or 1.0
        scored = [
            (
                float(CUE_WEIGHT * reading.aspects.get(self._places[n].entry.aspect, 0.0) / most)
                + CUE_WEIGHT * float(alike[n]),
                n,
            )
            for n in numbers
        ]
        return sorted(scored, key=lambda one: (-one[0], not self._places[one[1]].spanish, one[1]))

    def _decide(self, ranked: list[list[tuple[float, int]]], reading: SpanishReading) -> Found:
        if len(ranked) == 1:
            (score, first), *others = ranked[0]
            lead = score - (others[0][0] if others else 0.0)
            unnamed = any(not mention for mention in reading.mentions)
            only = set(reading.aspects) == {self._places[first].entry.aspect}
            said = self._places[first].entry.aspect in reading.aspects
            if said and (only or lead >= LEAD) and not unnamed and reading.rest < STRANGE:
                return self._found("answer", [first])
        turns = zip_longest(*([n for _, n in one] for one in ranked))
        return self._found("clarify", [n for turn in turns for n in turn if n is not None])

    def _best(self, alike: Floats) -> list[int]:
        return [int(n) for n in np.argsort(-alike, kind="stable")]

    def _found(self, decision: str, numbers: Sequence[int]) -> Found:
        sure = CONFIDENT if decision == "answer" else OFFERED
        shown = numbers[:1] if decision == "answer" else numbers[:SHOWN]
        return Found(decision, sure, tuple(self._hit(n, sure) for n in shown))  # type: ignore[arg-type]

    def _hit(self, number: int, score: float) -> Hit:
        entry, spanish = self._places[number].entry, self._places[number].spanish
        title = entry.title if spanish else self._words.label(entry.topic, entry.aspect)
        return Hit(entry.answer_id, entry.version, entry.topic, entry.aspect, title, score)


class _Likeness:
    """How alike a text is to each answer's closest example question, by the letters of its words."""

    def __init__(self, questions: Sequence[Sequence[Key]], places: int) -> None:
        rows = [question for some in questions for question in some]
        self._owner = np.array([n for n, some in enumerate(questions) for _ in some], dtype=np.int64)
        self._size = places
        grams = sorted({gram for row in rows for gram in _grams(row)})
        self._place = {gram: place for place, gram in enumerate(grams)}
        counts = np.zeros((len(rows), len(grams)))
        for number, row in enumerate(rows):
            for gram in _grams(row):
                counts[number, self._place[gram]] += 1
        seen = (counts > 0).sum(axis=0)
        self._rarity = np.log((1 + len(rows)) / (1 + seen)) + 1
        self._unseen = float(np.log(1 + len(rows)) + 1)
        weighed = counts * self._rarity
        self._rows = weighed / np.maximum(np.linalg.norm(weighed, axis=1, keepdims=True), 1e-9)

    def to(self, words: Key) -> Floats:
        """(places,): cosine between 0 and 1; 0 for answers without Spanish example questions."""
        best = np.zeros(self._size)
        if not len(self._rows):
            return best
        vector, strange = np.zeros(len(self._place)), 0.0
        for gram in _grams(words):
            place = self._place.get(gram)
            if place is None:
                strange += self._unseen**2
            else:
                vector[place] += self._rarity[place]
        length = float(np.sqrt((vector**2).sum() + strange))
        np.maximum.at(best, self._owner, self._rows @ vector / max(length, 1e-9))
        return best


def _grams(words: Key) -> list[str]:
    padded = " " + " ".join(words) + " "
    return [padded[place : place + GRAM] for place in range(len(padded) - GRAM + 1)]
