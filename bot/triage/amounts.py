"""Weight gained and medicine swallowed: numbers whose meaning needs what is counted and over what time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .flags import compile_lines, words_at
from .numbers import Reading, Values
from .phrases import Grammar, Phrase
from .words import Normal

AROUND = 10
"""Words to each side of a gain in which its time is told."""
BEHIND = 8
"""Words behind an amount that may say that it was taken as told, or over days."""

_DAYS = re.compile(r"(?<!\S)(\d+) (days|day|hours|weeks|dias|semanas)(?!\S)")
_IN_DAYS = {"day": 1.0, "days": 1.0, "dias": 1.0, "hours": 1 / 24, "weeks": 7.0, "semanas": 7.0}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Amounts:
    """Finds gains and amounts. Built once from `data/triage/readings.yml`."""

    gains: tuple[Phrase, ...]
    pounds: Mapping[str, float]
    days: tuple[tuple[float, tuple[Phrase, ...]], ...]
    counted: tuple[tuple[str, Phrase], ...]
    weighed: tuple[tuple[str, Phrase], ...]
    poured: Phrase
    bottles: Phrase
    milliliters: Mapping[str, float]
    unless: tuple[Phrase, ...]

    @classmethod
    def of(cls, data: Mapping[str, Any], grammar: Grammar) -> Amounts:
        gain, swallowed = data["weight_gain"], data["swallowed"]
        took = f"({swallowed['took']}) [{swallowed['filler']}]*"
        many = f"{took} # [{swallowed['of']}]*"
        counted = [(m, f"{many} ({names})") for m, names in swallowed["medicines"].items()]
        counted.append(("pills", f"{many} ..2 ({swallowed['any_name']})"))
        weighed = [
            (m, f"{took} # (mg|mgs|milligrams) [of|worth|my|the]* ({names})")
            for m, names in swallowed["milligrams"].items()
        ]
        units = "|".join(swallowed["milliliters"])
        return cls(
            compile_lines(gain["phrases"], grammar),
            gain["pounds"],
            tuple((float(days), compile_lines(lines, grammar)) for days, lines in gain["days"].items()),
            tuple((measure, grammar.compile(line)) for measure, line in counted),
            tuple((measure, grammar.compile(line)) for measure, line in weighed),
            grammar.compile(f"{took} # ({units}) [of|my|the|his|her|de]* ({swallowed['liquids']})"),
            grammar.compile(f"{took} [a|an]? {swallowed['bottles']} ({swallowed['liquids']})"),
            swallowed["milliliters"],
            compile_lines(swallowed["unless"], grammar),
        )

    def read(self, normal: Normal) -> list[Reading]:
        return [*self._gained(normal), *self._swallowed(normal)]

    def _gained(self, normal: Normal) -> Iterator[Reading]:
        for phrase in self.gains:
            if not phrase.may_be_in(normal.vocabulary):
                continue
            for start, end in phrase.find(normal.text):
                said = normal.text[start:end].split()
                number = next(word for word in said if word[0].isdigit())
                unit = next((word for word in said if word in self.pounds), "lb")
                first, last = words_at(normal, start, end)
                near = " ".join(w.text for w in normal.words[max(0, first - AROUND) : last + AROUND])
                days = self._time(near)
                value = _NUMBER.match(number)
                if days and value:
                    pounds = float(value[0]) * self.pounds[unit]
                    last = min(len(normal.words), last + 3)
                    yield Reading("weight", ({"pounds": pounds},), first, last, parts=(pounds,), days=days)

    def _time(self, near: str) -> float:
        """Days over which something came; 0 where none are told, or too many."""
        counted = [int(n) * _IN_DAYS[unit] for n, unit in _DAYS.findall(near)]
        if counted:
            return min(counted)
        told = (d for d, phrases in self.days if any(next(p.find(near), None) for p in phrases))
        return next(told, 0.0)

    def _swallowed(self, normal: Normal) -> Iterator[Reading]:
        taken: set[int] = set()
        for measure, phrase in (*self.weighed, *self.counted, ("", self.poured), ("", self.bottles)):
            if not phrase.may_be_in(normal.vocabulary):
                continue
            for start, end in phrase.find(normal.text):
                first, last = words_at(normal, start, end)
                if first in taken or self._as_told(normal, last):
                    continue
                taken.add(first)
                said = normal.text[start:end].split()
                amount = self._amount(measure, said)
                yield Reading("swallowed", (amount,), first, last, parts=tuple(amount.values()))

    def _amount(self, measure: str, said: list[str]) -> Values:
        number = next((word for word in said if word[0].isdigit()), "")
        value = float(found[0]) if (found := _NUMBER.match(number.replace(",", ""))) else 0.0
        if measure:
            if measure.endswith("pills") and said[said.index(number) + 1] in ("mg", "mgs", "milligrams"):
                return {measure: 1.0}  # "took 500 mg tylenol"
            return {measure: value}
        unit = next((word for word in said if word in self.milliliters), "")
        return {"liquid_ml": value * self.milliliters[unit]} if unit else {"liquid_bottles": 1.0}

    def _as_told(self, normal: Normal, last: int) -> bool:
        behind = " ".join(word.text for word in normal.words[last : last + BEHIND])
        return any(next(phrase.find(behind), None) for phrase in self.unless)
