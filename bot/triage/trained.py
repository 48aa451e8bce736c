"""The trained layer: how close a message is to sentences that nurses would want to see, by their meaning.

A logistic fit on Gaussian similarities between sentence vectors. It knows its examples by heart, so that it
can say which one a message resembles. It does not predict anything about a person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from .examples import Example, fingerprint, read_examples
from .windows import windows
from .words import lost_apostrophes

Floats = npt.NDArray[np.float64]
Embed = Callable[[Sequence[str]], Any]
"""Sentences → one row of 384 numbers (float32, length 1) for each."""

MODEL = "trained.npz"
HEADS: dict[str, frozenset[str]] = {
    "crisis": frozenset({"crisis"}),
    "distress": frozenset({"crisis", "distress"}),
    "emergency": frozenset({"emergency"}),
    "urgent": frozenset({"emergency", "urgent"}),
    "human": frozenset({"crisis", "distress", "emergency", "urgent", "nurse"}),
}
"""What each question asks: the labels for which the answer is yes."""
NARROWNESS = 3.0
"""Of the Gaussian: how fast similarity falls with distance."""
PROBE = "i have a question about my medicine"
ALIKE = 0.97
"""Cosine from which two vectors of one sentence are of the same model (int8 rounding stays above 0.99)."""


@dataclass(frozen=True)
class Heard:
    """What the layer hears in one message."""

    scores: dict[str, float]
    """Head → log odds, the worst window's."""
    said: dict[str, str]
    """Head → the window that scored highest."""
    like: dict[str, Example]
    """Head → the example of that kind that the window resembles most."""

    def above(self, thresholds: dict[str, float]) -> list[str]:
        return [head for head in HEADS if self.scores[head] >= thresholds[head]]


@dataclass(frozen=True)
class Trained:
    """A fitted layer with the vectors to ask it."""

    embed: Embed
    examples: tuple[Example, ...]
    vectors: Floats
    weights: Floats
    """(heads, examples + 1); the last column is the bias."""
    thresholds: dict[str, float]

    def hear(self, text: str) -> Heard:
        """Read every window of the text; each head keeps its worst."""
        parts = windows(prepared(text))
        rows = np.asarray(self.embed(parts), dtype=np.float64)
        alike = rows @ self.vectors.T
        odds = similarities(alike) @ self.weights[:, :-1].T + self.weights[:, -1]
        worst = odds.argmax(axis=0)
        scores, said, like = {}, {}, {}
        for i, head in enumerate(HEADS):
            scores[head] = round(float(odds[worst[i], i]), 3)
            said[head] = parts[worst[i]]
            like[head] = self._nearest(alike[worst[i]], HEADS[head])
        return Heard(scores, said, like)

    def _nearest(self, alike: Floats, labels: frozenset[str]) -> Example:
        fits = np.array([example.label in labels for example in self.examples])
        return self.examples[int(np.where(fits, alike, -2.0).argmax())]


def load_trained(folder: Path, embed: Embed) -> Trained:
    """Raise FileNotFoundError without a model, ValueError for one fitted on other sentences or vectors."""
    with np.load(folder / MODEL) as data:
        if str(data["fingerprint"]) != fingerprint(folder):
            raise ValueError(
                "The trained layer was fitted on other sentences: run python -m bot.triage.train."
            )
        vectors, weights, probe = (data[name].astype(np.float64) for name in ("vectors", "weights", "probe"))
    if float(np.asarray(embed([PROBE]))[0] @ probe) < ALIKE:
        raise ValueError(
            "The trained layer was fitted on other sentence vectors: run python -m bot.triage.train."
        )
    thresholds = yaml.safe_load((folder / "thresholds.yml").read_text("utf8"))
    return Trained(
        embed, tuple(read_examples(folder)), vectors, weights, {h: float(thresholds[h]) for h in HEADS}
    )


def prepared(text: str) -> str:
    """A text as the layer reads it."""
    return lost_apostrophes(text).lower()


def similarities(alike: Floats) -> Floats:
    """Cosines as Gaussian similarities, 1 for the same sentence."""
    return np.asarray(np.exp(-NARROWNESS * (2.0 - 2.0 * alike)))
