"""Which number in a message belongs to which name: "bp 195 over 125", "86 o2", "sugars 38", "101.2F".

It reads what the patient wrote and leaves what a number means for their health to `readings.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .flags import compile_lines, words_at
from .phrases import Grammar, Phrase
from .words import PAUSE, STOP, Normal

Values = Mapping[str, float]
"""Measure → number, in the measure's own unit: {"systolic": 195, "diastolic": 125}."""

NEAR, FAR = 3, 10
"""Words between a name and its number: any few, or more if the last one tells ("was", "reads")."""
LINKED = 6
"""Words between two numbers of one name."""
SYSTOLIC, DIASTOLIC, PRESSURES = (90, 260), (50, 150), (30, 130)
"""mmHg: what a pair without a name must be, upper, lower and difference, to be read as a blood pressure."""
FEVERISH = ((97.0, 108.0), (36.0, 42.0))
"""°F and °C: what a number without a name must be to be read as a temperature."""
LONGEST_UNIT = 40
"""Characters."""
SLIPS = (10, 100)
"""A number that cannot be may lack a decimal point, or have a key pressed twice."""

_SHAPE = re.compile(r"\d+(?:[.,]\d+)?(?:/\d+(?:[.,]\d+)?)?")
_PHONE = re.compile(r"\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}|\b\d{3}[-.]\d{4}\b|\d{9,}")
_OVER = ("over", "sobre", "by", "/", "\\")
_VAGUE = ("mg", "percent", "beats", "grados")
"""Units that are also used for other things."""
_LIGHT = frozenset(["is", "was", "for", "on", "the", "my", "his", "her", "a", "of", "de", "en", "con"])
_NOW = ("now", "ahora")
_PERSONS, _BEING = frozenset(["he", "she", "i", "they", "we"]), frozenset(["is", "am", "are"])


@dataclass(frozen=True)
class Unit:
    """One way in which a number of a kind may be meant."""

    measure: str
    possible: tuple[float, float]
    bare: tuple[float, float]
    """What it may be when no unit is named."""
    words: tuple[str, ...]
    """Each with a space behind it, the longest first."""
    times: float
    plus: float
    whole: bool
    """Devices show it without decimals."""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Unit:
        possible = tuple(data["possible"])
        return cls(
            data["measure"],
            possible,
            tuple(data.get("bare", possible)),
            tuple(f"{words} " for words in sorted(data.get("words", ()), key=len, reverse=True)),
            data.get("times", 1.0),
            data.get("plus", 0.0),
            data.get("whole", False),
        )


@dataclass(frozen=True)
class Kind:
    """Something that is measured, and how people name it."""

    name: str
    names: re.Pattern[str]
    unless: tuple[Phrase, ...] = ()
    diastolic: tuple[Phrase, ...] = ()
    units: tuple[Unit, ...] = ()
    paired: bool = False
    signs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """A number with its name. `first` and `last` + 1 are word numbers."""

    kind: str
    options: tuple[Values, ...]
    """What it may mean; none: it cannot be."""
    first: int
    last: int
    sure: bool = True
    """False: an impossible number, with `options` what a slip of the finger may have made it from."""
    tight: bool = True
    """The number stands right by its name, so that an odd one is worth a question."""
    named: bool = True
    parts: tuple[float, ...] = ()
    days: float = 0.0
    """For a gain: the days over which it came."""


@dataclass(frozen=True)
class _Number:
    at: int
    end: int
    parts: tuple[float, ...]


@dataclass
class _Text:
    """One message while it is read."""

    normal: Normal
    numbers: dict[int, _Number]
    taken: set[int] = field(default_factory=set)

    def word(self, at: int) -> str:
        return self.normal.words[at].text if 0 <= at < len(self.normal.words) else ""


@dataclass(frozen=True)
class Numbers:
    """Finds readings. Built once from `data/triage/readings.yml`."""

    kinds: Mapping[str, Kind]
    others: re.Pattern[str]
    says: frozenset[str]
    tells: frozenset[str]
    between: frozenset[str]
    blocked_by: frozenset[str]
    not_before: frozenset[str]
    not_after: frozenset[str]
    years_after: frozenset[str]
    units_begin: frozenset[str]

    @classmethod
    def of(cls, data: Mapping[str, Any], grammar: Grammar) -> Numbers:
        kinds = {name: _kind(name, one, grammar) for name, one in data["kinds"].items()}
        lists = ("says", "tells", "between", "blocked_by", "not_before", "not_after", "years_after")
        words = {one: frozenset(str(data["values"][one]).split()) for one in lists}
        units = (unit for kind in kinds.values() for unit in kind.units)
        begin = frozenset(words.split()[0] for unit in units for words in unit.words)
        return cls(kinds, _any_of(data["other_names"], grammar), **words, units_begin=begin)

    def read(self, normal: Normal) -> list[Reading]:
        """Every reading, in the order of the text."""
        text = _Text(normal, self._numbers(normal))
        if not text.numbers:
            return []
        anchors = self._anchors(normal)
        backwards = _number_first(text, anchors)
        found: list[Reading] = []
        for i, (first, last, kind) in enumerate(anchors):
            before = anchors[i - 1][1] if i else 0
            limit = anchors[i + 1][0] if i + 1 < len(anchors) else len(normal.words)
            behind = list(self._behind(text, kind, first, last, limit)) if not backwards else []
            found += behind or self._before(text, kind, first, last, before)
        found += self._bare(text)
        return sorted((one for one in found if one.kind), key=lambda one: one.first)

    def answer(self, normal: Normal, asked: Reading, start: int) -> Reading | None:
        """The reading that the words from `start` on give in answer to a question about `asked`."""
        kind, numbers = self.kinds[asked.kind], self._numbers(normal)
        if any(first >= start for first, _, _ in self._anchors(normal)):
            return None
        for at in sorted(at for at in numbers if at >= start):
            options, end, sure = self._options(normal, kind, numbers[at])
            return Reading(kind.name, options, at, end, sure, parts=numbers[at].parts)
        for at in range(start, len(normal.words)):
            named = _unit_at(normal, kind, at)
            if named is not None:
                options = _meant(kind, asked.parts, named[0])
                return Reading(kind.name, options, asked.first, at + named[1], bool(options))
        return None

    # Numbers

    def _numbers(self, normal: Normal) -> dict[int, _Number]:
        phones = [found.span() for found in _PHONE.finditer(normal.original)]
        out = {}
        for at, word in enumerate(normal.words):
            if not word.text[0].isdigit() or not _SHAPE.fullmatch(word.text):
                continue
            if any(start <= word.start < end for start, end in phones) and "/" not in word.text:
                continue
            if not self._is_something_else(normal, at):
                out[at] = _Number(at, at + 1, tuple(_value(part) for part in word.text.split("/")))
        return out

    def _is_something_else(self, normal: Normal, at: int) -> bool:
        """An age, a dose, a time, a price, a year."""
        word, words = normal.words[at], normal.words
        before = words[at - 1].text if at else ""
        after = words[at + 1].text if at + 1 < len(words) else ""
        if normal.original[max(0, word.start - 1) : word.start] in ("$", "#", "€", "£"):
            return True
        percent = "%" in normal.original[word.end : word.end + 2]
        if (percent or after in self.units_begin) and any(
            _unit_at(normal, kind, at + 1) for kind in self.kinds.values()
        ):
            return before in ("age", "aged")
        is_year = len(word.text) == 4 and word.text[:2] in ("19", "20") and before in self.years_after
        return after in self.not_before or before in self.not_after or is_year

    # Names

    def _anchors(self, normal: Normal) -> list[tuple[int, int, Kind]]:
        """Names in the text, the longest first where they overlap."""
        text, found = normal.text, []
        other = Kind("", self.others)
        for kind in (*self.kinds.values(), other):
            spans = [match.span() for match in kind.names.finditer(text)]
            if spans and not _says(kind.unless, text):
                found += [(*words_at(normal, *span), kind) for span in spans]
        for at, word in enumerate(normal.words):
            typed = normal.original[word.start : word.end].lower()
            if typed == "hr" and not (at and normal.words[at - 1].text[0].isdigit()):  # "1 hr" is an hour
                found.append((at, at + 1, self.kinds["pulse"]))
        found.sort(key=lambda one: (one[0] - one[1], one[0]))
        free: list[tuple[int, int, Kind]] = []
        for one in found:
            if all(one[1] <= first or last <= one[0] for first, last, _ in free):
                free.append(one)
        return sorted(free, key=lambda one: one[0])

    # Numbers of a name

    def _behind(self, text: _Text, kind: Kind, first: int, last: int, limit: int) -> Iterator[Reading]:
        at, gap = last, list[str]()
        while at < limit and len(gap) <= FAR:
            if text.word(at) == STOP and (at + 1 not in text.numbers or not self._light(gap)):
                return
            if at in text.numbers and at not in text.taken:
                reading = self._reading(text, kind, first, at, gap)
                if reading is None:
                    return
                yield reading
                yield from self._more(text, kind, reading.last, limit)
                return
            gap.append(text.word(at))
            at += 1

    def _reading(self, text: _Text, kind: Kind, first: int, at: int, gap: Sequence[str]) -> Reading | None:
        tight = self._light(gap)
        if not tight:
            if self.blocked_by.intersection(gap) or _is_age(text, kind, at):
                return None
            if len(gap) > NEAR and gap[-1] not in self.tells:
                return None
        return self._take(text, kind, first, at, tight)

    def _more(self, text: _Text, kind: Kind, at: int, limit: int) -> Iterator[Reading]:
        """Further numbers of the same name: "was 38 an hour ago, now 110"."""
        gap: list[str] = []
        while at < limit and len(gap) <= LINKED and text.word(at) != STOP:
            if at in text.numbers and at not in text.taken:
                linked = self.between.issuperset(gap) or (gap and gap[-1] in self.tells)
                blocked = self.blocked_by.intersection(gap) and gap[-1] not in _NOW
                if not linked or blocked or _is_age(text, kind, at):
                    return
                reading = self._take(text, kind, at, at, False)
                if reading is None:
                    return
                yield reading
                at, gap = reading.last, []
            else:
                gap.append(text.word(at))
                at += 1

    def _before(self, text: _Text, kind: Kind, first: int, last: int, earliest: int) -> list[Reading]:
        """A number right before its name: "103 fever", "86 is my o2"."""
        at = first - 1
        while at > earliest and first - at <= NEAR and text.word(at) in _LIGHT:
            at -= 1
        if at < earliest:
            return []
        for start in (at - 2, at - 1, at):  # "195 over 125 bp" begins two words earlier
            if start >= earliest and start in text.numbers and start not in text.taken:
                end = self._pair_end(text, kind, start)
                if end == at + 1 or start == at:
                    reading = self._take(text, kind, start, start, first - at == 1)
                    return [replace(reading, last=max(reading.last, last))] if reading else []
        return []

    def _take(self, text: _Text, kind: Kind, first: int, at: int, tight: bool) -> Reading | None:
        """Make the number this kind's own; None if it has another shape."""
        number = text.numbers[at]
        end = self._pair_end(text, kind, at)
        if end > number.end:
            number = _Number(at, end, (*number.parts, *text.numbers[end - 1].parts))
        if len(number.parts) > 1 and not kind.paired:
            return None
        text.taken.update(range(at, number.end))
        if not kind.name:
            return Reading("", (), first, number.end)
        options, end, sure = self._options(text.normal, kind, number)
        if len(number.parts) == 1 and _says(kind.diastolic, _said(text.normal, first, end)):
            options = _meant(kind, number.parts, kind.units[1])
        return Reading(kind.name, options, first, end, sure, tight, True, number.parts)

    def _pair_end(self, text: _Text, kind: Kind, at: int) -> int:
        """Where a number and its partner end: "195 over 125", "195-125", "195 125"."""
        number = text.numbers[at]
        if not kind.paired or len(number.parts) > 1:
            return number.end
        after, original = number.end, text.normal.original
        if after in text.numbers and after not in text.taken and len(text.numbers[after].parts) == 1:
            return after + 1
        joined = text.word(after) in _OVER
        if text.word(after) == PAUSE:
            sign = text.normal.words[after]
            joined = any(mark in original[sign.start : sign.end] for mark in "/-\u2013")
        if joined and after + 1 in text.numbers and len(text.numbers[after + 1].parts) == 1:
            return after + 2
        return number.end

    def _light(self, gap: Sequence[str]) -> bool:
        return self.says.issuperset(gap)

    def _bare(self, text: _Text) -> Iterator[Reading]:
        """Numbers without a name that can hardly be anything else, or only in what else is said."""
        pressure, temperature = self.kinds["blood_pressure"], self.kinds["temperature"]
        for at, number in text.numbers.items():
            if at in text.taken:
                continue
            parts, end = number.parts, number.end
            if text.word(end) == "over" and end + 1 in text.numbers:
                parts, end = (*parts, *text.numbers[end + 1].parts), end + 2
            if len(parts) == 2 and _like_pressure(parts):
                text.taken.update(range(at, end))
                yield Reading("blood_pressure", _meant(pressure, parts), at, end, parts=parts)
                continue
            for kind in self.kinds.values():
                named = _unit_at(text.normal, kind, number.end)
                spelled = text.word(number.end)
                if (
                    named is not None
                    and named[1]
                    and spelled not in _VAGUE
                    and not _says(kind.unless, text.normal.text)
                ):
                    if len(parts) == 1:
                        options, end, sure = self._options(text.normal, kind, number)
                        yield Reading(kind.name, options, at, end, sure, False, True, parts)
                    break
            else:
                if len(parts) == 1 and _like_fever(parts[0]):
                    yield Reading(
                        "temperature", _meant(temperature, parts), at, end, True, False, False, parts
                    )

    def _options(self, normal: Normal, kind: Kind, number: _Number) -> tuple[tuple[Values, ...], int, bool]:
        """What the number may mean, the word behind it and its unit, and whether it is as it was typed."""
        named = _unit_at(normal, kind, number.end)
        unit, words = named if named is not None else (None, 0)
        end = number.end + words
        options = _meant(kind, number.parts, unit)
        if options:
            return options, end, True
        return _slips(kind, number.parts, unit), end, False


def _meant(kind: Kind, parts: Sequence[float], unit: Unit | None = None) -> tuple[Values, ...]:
    """All that a number, with its unit or without, may be."""
    if kind.paired and (len(parts) == 2 or 10_000 <= parts[0] < 1_000_000):
        return _pressures(kind, parts)
    value = parts[0]
    fits = [
        one
        for one in ([unit] if unit else [u for u in kind.units if u.measure != "diastolic"])
        if _within(value, one.possible if unit else one.bare)
    ]
    if value % 1 and len(fits) > 1:
        fits = [one for one in fits if not one.whole]
    return tuple({one.measure: value * one.times + one.plus} for one in fits)


def _pressures(kind: Kind, parts: Sequence[float]) -> tuple[Values, ...]:
    """One pair, the greater number above; also of digits typed together: "195125"."""
    if len(parts) == 1:
        digits = str(int(parts[0]))
        parts = (float(digits[:3]), float(digits[3:]))
    upper, lower = max(parts), min(parts)
    if upper == lower or not all(map(_within, (upper, lower), (u.possible for u in kind.units))):
        return ()
    return ({"systolic": upper, "diastolic": lower},)


def _slips(kind: Kind, parts: Sequence[float], unit: Unit | None) -> tuple[Values, ...]:
    out: list[Values] = []
    for by in SLIPS:
        if len(parts) == 2:
            limits = [u.possible[1] for u in kind.units]
            shrunk = [p / by if p > limit else p for p, limit in zip(parts, limits, strict=True)]
            out += _pressures(kind, shrunk)
        elif all(parts[0] > u.possible[1] for u in kind.units):
            out += _meant(kind, (parts[0] / by,), unit)
    return tuple(out)


def _unit_at(normal: Normal, kind: Kind, at: int) -> tuple[Unit, int] | None:
    """The unit that stands right behind a number, and how many words it is."""
    end = normal.words[at - 1].end
    if normal.original[end : end + 2].lstrip().startswith("%"):
        return next(((unit, 0) for unit in kind.units if "% " in unit.words), None)
    if at >= len(normal.words):
        return None
    rest = normal.text[normal.starts[at] : normal.starts[at] + LONGEST_UNIT] + " "
    for unit in kind.units:
        for words in unit.words:
            if rest.startswith(words):
                return unit, words.count(" ")
    return None


def _number_first(text: _Text, anchors: Sequence[tuple[int, int, Kind]]) -> bool:
    """Whether the whole message puts numbers before their names: "103 temp 86 o2 160 hr"."""
    named = [one for one in anchors if one[2].name]
    if len(named) < 2:
        return False
    directly = all(first - 1 in text.numbers for first, _, _ in named)
    end = named[-1][1]
    return directly and not any(at >= end for at in text.numbers)


def _is_age(text: _Text, kind: Kind, at: int) -> bool:
    """ "o2 fine and he is 72": a person is so old, unless a unit says otherwise."""
    being = text.word(at - 2) in _PERSONS and text.word(at - 1) in _BEING
    return being and _unit_at(text.normal, kind, at + 1) is None


def _like_pressure(parts: Sequence[float]) -> bool:
    upper, lower = parts
    return _within(upper, SYSTOLIC) and _within(lower, DIASTOLIC) and _within(upper - lower, PRESSURES)


def _like_fever(value: float) -> bool:
    """With a decimal, or of three digits."""
    return (value % 1 > 0 or value >= 100) and any(_within(value, limits) for limits in FEVERISH)


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def _value(digits: str) -> float:
    """ "1,200" is a thousand and "38,5" is thirty-eight."""
    whole, _, rest = digits.partition(",")
    return float(whole + rest if len(rest) == 3 else digits.replace(",", "."))


def _said(normal: Normal, first: int, last: int) -> str:
    return " ".join(word.text for word in normal.words[max(0, first) : last])


def _says(phrases: Sequence[Phrase], text: str) -> bool:
    return any(next(phrase.find(text), None) for phrase in phrases)


def _kind(name: str, data: Mapping[str, Any], grammar: Grammar) -> Kind:
    return Kind(
        name,
        _any_of(data["names"], grammar),
        compile_lines(data.get("unless", ""), grammar),
        compile_lines(data.get("diastolic", ""), grammar),
        tuple(Unit.of(unit) for unit in data["units"]),
        data.get("paired", False),
        tuple(data.get("signs", ())),
    )


def _any_of(lines: str, grammar: Grammar) -> re.Pattern[str]:
    phrases = sorted(compile_lines(lines, grammar), key=lambda phrase: -len(phrase.source))
    return re.compile("|".join(phrase.parts[0].pattern for phrase in phrases))
