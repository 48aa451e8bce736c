"""Which topic and which side of it a question asks about, learnt at start from the answers' own questions."""

from __future__ import annotations

from collections.abc import Sequence
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
class Learnt:
    """Two ridge regressions on the same features: topics, and aspects shared by all topics."""

    topics: tuple[str, ...]
    weights: Floats
    """(features, topics + aspects)"""
    usual: Floats
    """(topics,): the share of each among all questions, which says nothing of any one."""

    @classmethod
    def fit(
        cls, known: tuple[str, ...], features: Floats, topics: Sequence[str], aspects: Sequence[str]
    ) -> Learnt:
        """`features` as `features()` gives them, one row a question, and what each question asks about."""
        wanted = np.hstack([_one_of(known, topics), _one_of(ASPECTS, aspects)])
        ridge = RIDGE * len(features) * np.eye(features.shape[1], dtype=np.float32)
        weights = np.linalg.solve(features.T @ features + ridge, features.T @ wanted)
        return cls(known, weights, wanted[:, : len(known)].mean(axis=0))

    def read(self, features: Floats) -> tuple[Floats, Floats]:
        """(n, topics) and (n, aspects): about 1 where a text surely asks for that one, about 0 where not."""
        scores = features @ self.weights
        return scores[:, : len(self.topics)] - self.usual, scores[:, len(self.topics) :]


def features(readings: Sequence[Reading], known: Sequence[str], texts: Vectors, bare: Vectors) -> Floats:
    """One row a text: its vectors with and without names, its aspect words, the topics it names, a one."""
    words = [[WORDS_WEIGHT * (aspect in reading.aspects) for aspect in ASPECTS] for reading in readings]
    places = {topic: place for place, topic in enumerate(known)}
    named = np.zeros((len(readings), len(known)), dtype=np.float32)
    for row, reading in enumerate(readings):
        named[row, [places[topic] for topic in reading.named if topic in places]] = 1
    ones = np.ones((len(readings), 1), dtype=np.float32)
    return np.hstack([texts, bare, np.array(words, dtype=np.float32), named, ones])


def _one_of(known: Sequence[str], said: Sequence[str]) -> Floats:
    same: Floats = (np.array(said)[:, None] == np.array(known)[None, :]).astype(np.float32)
    return same
