"""A country pack: numbers to call and every fixed safety text, checked whole before anything starts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from handoff.errors import SettingsError
from handoff.yaml_file import read_yaml

FOLDER = Path(__file__).resolve().parents[1] / "data" / "countries"
CHANNELS = ("sms", "web")
PERSONS = ("self", "other")
FAMILIES = (
    "medical", "poison", "suicide", "danger-to-others", "psychosis", "after-birth",
    "sexual-assault", "child-abuse", "elder-abuse", "violence", "self-harm", "eating-disorder",
)  # fmt: skip
LINES = ("suicide", "poison", "violence", "assault", "child", "elder", "veterans", "maternal", "relay")
FRESH_DAYS = 180
"""After this many days numbers should be checked again."""

_VARIABLE = re.compile(r"\{(\w+)\}")
Text = str | dict[str, Any]
Cell = tuple[str, str, str, str]
"""(family, self or other, channel, language): one place for a safety text."""


@dataclass(frozen=True)
class Line:
    """A hotline: what to call or text, when, and where that was read."""

    name: str
    call: str
    text: str
    hours: str
    verified_on: date
    sources: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class SafetyCopy:
    """One fixed text, ready to send."""

    id: str
    version: str
    text: str


@dataclass(frozen=True)
class Country:
    """One checked country pack."""

    code: str
    name: str
    version: str
    languages: tuple[str, ...]
    verified_on: date
    emergency_number: str
    lines: Mapping[str, Line]
    copies: Mapping[Cell, str]
    said: Mapping[str, Mapping[str, Text]]
    emergency_centre: str
    """For the nurse: how to reach the emergency centre of the place where a patient is."""

    @property
    def suicide_line(self) -> str:
        return self.lines["suicide"].call

    @property
    def poison_line(self) -> str:
        return self.lines["poison"].call

    @property
    def variables(self) -> dict[str, str]:
        """What the texts may name: {emergency}, {suicide_line}, {suicide_text} and so on."""
        numbers = {"emergency": self.emergency_number}
        for name, line in self.lines.items():
            numbers[f"{name}_line"], numbers[f"{name}_text"] = line.call, line.text
        return numbers

    def safety_copy(self, family: str, about: str, channel: str, language: str) -> SafetyCopy:
        """The text for one family of danger. A child or another person counts as other, unknown as self.

        An unknown family gets the medical text, an unknown language the first: something always goes out.
        """
        family = family if family in FAMILIES else "medical"
        person = "other" if about in ("other", "child") else "self"
        channel = channel if channel in CHANNELS else "sms"
        language = language if language in self.languages else self.languages[0]
        cell = (family, person, channel, language)
        return SafetyCopy(self.copy_id(cell), self.version, self.filled(self.copies[cell]))

    def copy_id(self, cell: Cell) -> str:
        return ".".join((self.code, *cell))

    def filled(self, text: str) -> str:
        """A safety text with its numbers. Raise KeyError for a variable that this country does not have."""
        return _fill(text, self.variables)

    def line(self, name: str, language: str, channel: str = "sms", **variables: str) -> str:
        """A fixed sentence in `language`, else in the country's first language, worded for the channel.

        Raise KeyError for a sentence that does not exist, or for one that names a variable nobody gave.
        """
        wordings = self.said[name]
        text = wordings[language if language in wordings else self.languages[0]]
        values = {**self.variables, **variables}
        return _fill(_fitting(text, channel, values), values)

    def stale(self, today: date) -> bool:
        """True when a number was last checked more than 180 days ago."""
        return any((today - line.verified_on).days > FRESH_DAYS for line in self.lines.values())


def load_country(code: str, folder: Path | None = None) -> Country:
    """Read and check one pack. Raise SettingsError, naming the cell, when anything is missing."""
    path = (folder or FOLDER) / f"{code.lower()}.yml"
    try:
        data = read_yaml(path)
    except FileNotFoundError as error:
        raise SettingsError(
            f"There is no country pack for {code}: add {path.name} or set COUNTRY to US."
        ) from error
    except yaml.YAMLError as error:
        raise SettingsError(f"The country pack {path.name} is not readable YAML.") from error
    try:
        country = _country(data)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SettingsError(
            f"The country pack {path.name} lacks {error}: safety texts must be complete."
        ) from error
    for problem in _problems(country):
        raise SettingsError(f"The country pack {path.name}: {problem}")
    return country


def _country(data: dict[str, Any]) -> Country:
    languages = tuple(data["languages"])
    return Country(
        code=data["code"],
        name=data["name"],
        version=str(data["version"]),
        languages=languages,
        verified_on=data["verified_on"],
        emergency_number=str(data["emergency_number"]),
        lines={name: _line(name, data["lines"]) for name in LINES},
        copies={cell: _copy(data["safety_copy"], cell) for cell in _cells(languages)},
        said=data["lines_to_patient"],
        emergency_centre=_needed(data, "emergency_centre"),
    )


def _line(name: str, lines: dict[str, Any]) -> Line:
    if name not in lines:
        raise KeyError(f"lines.{name}")
    one = lines[name]
    for key in ("name", "call", "hours", "verified_on", "sources"):
        if not one.get(key):
            raise KeyError(f"lines.{name}.{key}")
    return Line(
        one["name"],
        str(one["call"]),
        str(one.get("text", "")),
        one["hours"],
        one["verified_on"],
        tuple(one["sources"]),
    )


def _needed(data: dict[str, Any], name: str) -> str:
    if not str(data.get(name) or "").strip():
        raise KeyError(name)
    return str(data[name]).strip()


def _cells(languages: tuple[str, ...]) -> Iterator[Cell]:
    for family in FAMILIES:
        for person in PERSONS:
            for channel in CHANNELS:
                for language in languages:
                    yield family, person, channel, language


def _copy(copies: dict[str, Any], cell: Cell) -> str:
    found: Any = copies
    for key in cell:
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, str) or not found.strip():
        raise KeyError("safety_copy." + ".".join(cell))
    return found.strip()


def _problems(country: Country) -> Iterator[str]:
    """What is wrong with a pack that can be read."""
    for name, line in country.lines.items():
        if len(line.sources) < 2:
            yield f"lines.{name} needs two sources."
    for cell, text in country.copies.items():
        for variable in _VARIABLE.findall(text):
            if not country.variables.get(variable):
                yield f"safety_copy.{'.'.join(cell)} names {{{variable}}}, which has no value."
    for name, wordings in country.said.items():
        for language in country.languages:
            if not wordings.get(language):
                yield f"lines_to_patient.{name}.{language} is missing."


def _fitting(text: Text, channel: str, values: Mapping[str, str]) -> str:
    """The channel's own wording, where there is one; else the one for which every variable has a value."""
    if isinstance(text, str):
        return text
    if channel in text:
        return str(text[channel])
    for variable, instead in text.get("without", {}).items():
        if not values.get(variable):
            return str(instead)
    return str(text["text"])


def _fill(text: str, values: Mapping[str, str]) -> str:
    filled = _VARIABLE.sub(lambda found: values[found[1]], text).strip()
    return filled.replace("m..", "m.")  # "a las 3:30 a. m." at the end of a sentence
