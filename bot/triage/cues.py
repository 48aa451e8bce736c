"""Words without which a hint must be clearer before it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .flags import compile_lines
from .phrases import Grammar, Phrase
from .words import Normal


@dataclass(frozen=True)
class Cues:
    """By head of the trained layer: the words, and by how many log odds it must be surer without any."""

    words: Mapping[str, tuple[Phrase, ...]]
    surer: Mapping[str, float]

    @classmethod
    def of(cls, data: Mapping[str, Any], grammar: Grammar) -> Cues:
        return cls(
            {head: compile_lines(one["words"], grammar) for head, one in data.items()},
            {head: float(one["surer"]) for head, one in data.items()},
        )

    def lacking(self, head: str, normal: Normal) -> float:
        """0 where the message has such a word, or where the head needs none."""
        words = self.words.get(head, ())
        has = any(p.may_be_in(normal.vocabulary) and next(p.find(normal.text), None) for p in words)
        return 0.0 if has else self.surer.get(head, 0.0)
