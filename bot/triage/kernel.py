"""A second opinion by likeness: how much a message resembles sentences of each kind, by published vectors.

The fitted encoder knows the project's sentences well and what is far from them less well; likeness to them in
the space of the encoder as published carries further. Added together they find more at the same false alarms
(docs/decisions/0011). Kernel logistic regression on some of the sentences (Nystroem).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

NARROW = 3.0
"""How quickly likeness fades with distance."""
RIDGE = 0.1
ROUNDS = 6
"""Newton steps; after four nothing moves any more."""


@dataclass(frozen=True)
class Likeness:
    """Log odds of each head from the cosines to the sentences kept in mind."""

    weights: Floats
    """(sentences kept, heads)"""
    offsets: Floats
    """(heads,)"""

    def odds(self, cosines: Floats) -> Floats:
        """Cosines (sentences kept,) → (heads,)"""
        found: Floats = near(cosines) @ self.weights + self.offsets
        return found


def near(cosines: Any) -> Any:
    """Likeness from 0 to 1."""
    return np.exp(-NARROW * (2 - 2 * cosines))


def fit_likeness(vectors: Floats, kept: Floats, wanted: npt.NDArray[np.bool_]) -> Likeness:
    """Fit on unit `vectors` (sentences, 384), remembering only `kept`; `wanted` is (sentences, heads)."""
    among = near(kept.astype(np.float64) @ kept.T.astype(np.float64))
    whiten = np.linalg.inv(np.linalg.cholesky(among + 1e-6 * np.eye(len(kept)))).T
    features = (near(vectors @ kept.T) @ whiten).astype(np.float32)
    features = np.hstack([features, np.ones((len(features), 1), np.float32)])
    fitted = np.stack([_logistic(features, yes) for yes in wanted.T], axis=1)
    return Likeness((whiten @ fitted[:-1]).astype(np.float32), fitted[-1].astype(np.float32))


def _logistic(features: Floats, yes: npt.NDArray[np.bool_]) -> Any:
    """Weights by Newton's method; the rarer answer counts as much as the other."""
    count = np.where(yes, 0.5 / yes.mean(), 0.5 / (1 - yes.mean())).astype(np.float32)
    ridge = np.full(features.shape[1], 2 * RIDGE, np.float32)
    ridge[-1] = 1e-3  # the offset is free
    fitted = np.zeros(features.shape[1], np.float32)
    for _ in range(ROUNDS):
        likely = 1 / (1 + np.exp(-np.clip(features @ fitted, -30, 30)))
        slope = features.T @ (count * (likely - yes)) + ridge * fitted
        weighed = features * (count * likely * (1 - likely) + 1e-6)[:, None]
        bend = (weighed.T @ features + np.diag(ridge)).astype(np.float64)
        fitted = fitted - np.linalg.solve(bend, slope.astype(np.float64)).astype(np.float32)
    return fitted
