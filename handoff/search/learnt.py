"""Which topic and which side of it a question asks about, learnt at start from the answers' own questions.

Sides are learnt apart for medicines and for everything else: "what is it?" asks of an illness what it is, and
of one medicine what it is for and how it is taken (docs/decisions/0016).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from handoff.models.answer import ASPECTS
from handoff.search.lexicon import Reading
from handoff.search.vectors import Vectors

Floats = npt.NDArray[np.float32]

NO_TOPIC = ""
"""What messages ask about that no answer fits."""
RIDGE = 0.0018
"""For each question. With ten times more or less the held-out questions are read about as well."""
WORDS_WEIGHT = 0.5


@dataclass(frozen=True)
class Lesson:
    """Questions, as `features()` gives them, and what each asks for."""

    features: Floats
    asks_for: Sequence[str]


@dataclass(frozen=True)
class Learnt:
    """Ridge regressions on the same features: one for topics, one for the sides of each kind of topic."""

    topics: tuple[str, ...]
    weights: Floats
    """(features, topics)"""
    usual: Floats
    """(topics,): the share of each among all questions, which says nothing of any one."""
    sides: Mapping[bool, Floats]
    """Whether the topic is one of medicines → (features, aspects)."""

    @classmethod
    def fit(cls, known: tuple[str, ...], about: Lesson, sides: Mapping[bool, Lesson]) -> Learnt:
        """`about` has the topics of all questions, `sides` the aspects for each kind of topic."""
        return cls(
            topics=known,
            weights=_ridge(about, known),
            usual=_one_of(known, about.asks_for).mean(axis=0),
            sides={kind: _ridge(lesson, ASPECTS) for kind, lesson in sides.items()},
        )

    def read_topics(self, features: Floats) -> Floats:
        """(n, topics): about 1 where a text surely asks for that one, about 0 where not."""
        scores: Floats = features @ self.weights - self.usual
        return scores

    def read_aspects(self, features: Floats, medicine: bool) -> Floats:
        """(n, aspects): the same for the aspects of a topic that is one of medicines, or is not."""
        scores: Floats = features @ self.sides[medicine]
        return scores


def features(readings: Sequence[Reading], known: Sequence[str], texts: Vectors, bare: Vectors) -> Floats:
    """One row a text: its vectors with and without names, its aspect words, the topics it names, a one."""
    words = [[WORDS_WEIGHT * (aspect in reading.aspects) for aspect in ASPECTS] for reading in readings]
    places = {topic: place for place, topic in enumerate(known)}
    named = np.zeros((len(readings), len(known)), dtype=np.float32)
    for row, reading in enumerate(readings):
        named[row, [places[topic] for topic in reading.named if topic in places]] = 1
    ones = np.ones((len(readings), 1), dtype=np.float32)
    return np.hstack([texts, bare, np.array(words, dtype=np.float32), named, ones])


def _ridge(lesson: Lesson, known: Sequence[str]) -> Floats:
    rows, wanted = lesson.features, _one_of(known, lesson.asks_for)
    held = RIDGE * max(1, len(rows)) * np.eye(rows.shape[1], dtype=np.float32)
    weights: Floats = np.linalg.solve(rows.T @ rows + held, rows.T @ wanted)
    return weights


def _one_of(known: Sequence[str], said: Sequence[str]) -> Floats:
    same: Floats = (np.array(said)[:, None] == np.array(known)[None, :]).astype(np.float32)
    return same
