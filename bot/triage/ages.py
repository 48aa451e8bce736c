"""How old somebody is, where a message says it: "hes 6 weeks", "my 2 month old", "bebe de 2 meses"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .flags import words_at
from .words import Normal


@dataclass(frozen=True)
class Ages:
    """Finds ages. "for 2 days" and "6 weeks pregnant" are none."""

    pattern: re.Pattern[str]
    months: Mapping[str, float]
    numbers: Mapping[str, int]
    only_old: frozenset[str]
    """Units so short that "old" must follow: "6 w old"."""
    not_after: frozenset[str]
    not_before: frozenset[str]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Ages:
        numbers = {word: i for i, word in enumerate(data["numbers"].split(), 1)}
        units = {word: float(n) for n, words in data["months"].items() for word in words.split()}
        pattern = rf"(?<!\S)(\d+|{'|'.join(numbers)}) ({'|'.join(units)})(?!\S)(?: ({data['old']}))?"
        lists = (frozenset(data[name].split()) for name in ("only_old", "not_after", "not_before"))
        return cls(re.compile(pattern), units, numbers, *lists)

    def find(self, normal: Normal) -> Iterator[tuple[float, int, int]]:
        """Months, and the first and last + 1 word that say it."""
        for found in self.pattern.finditer(normal.text):
            number, unit, old = found.groups()
            first, last = words_at(normal, *found.span())
            before = normal.words[first - 1].text if first else ""
            after = normal.words[last].text if last < len(normal.words) else ""
            other = unit in self.only_old or before in self.not_after or after in self.not_before
            if old or not other:
                value = int(number) if number.isdigit() else self.numbers[number]
                yield value * self.months[unit], first, last
