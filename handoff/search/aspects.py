"""Which side of a topic a question is about, learnt at start from the served answers' example questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from handoff.models.answer import ASPECTS
from handoff.search.lexicon import Reading
from handoff.search.vectors import Vectors

Floats = npt.NDArray[np.float64]

RIDGE = 2.0
WORDS_WEIGHT = 0.5
"""Both from ten-fold runs over the seed answers' own example questions."""


@dataclass(frozen=True)
class AspectModel:
    """A ridge regression on sentence vectors and aspect words, shared by all topics."""

    weights: Floats
    """(features, aspects)"""

    @classmethod
    def fit(cls, features: Floats, aspects: Sequence[str]) -> AspectModel:
        """`features` as `features()` gives them, one row a question; `aspects` says what each asks about."""
        wanted = np.array([[aspect == known for known in ASPECTS] for aspect in aspects], dtype=np.float64)
        square = features.T @ features + RIDGE * np.eye(features.shape[1])
        return cls(np.linalg.solve(square, features.T @ wanted))

    def scores(self, features: Floats) -> Floats:
        """(n, aspects): about 1 where a question surely asks for that aspect, about 0 where it does not."""
        scores: Floats = features @ self.weights
        return scores


def features(readings: Sequence[Reading], canonical: Vectors, bare: Vectors) -> Floats:
    """One row a text: its vectors with and without the topic's name, its aspect words, and a constant."""
    words = np.array(
        [[aspect in reading.aspects for aspect in ASPECTS] for reading in readings], dtype=np.float64
    )
    return np.hstack([canonical, bare, WORDS_WEIGHT * words, np.ones((len(readings), 1))])
