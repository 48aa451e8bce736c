"""Seed answers as files: one YAML file a topic, read into and written from typed objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from handoff.errors import Invalid
from handoff.models.answer import ASPECTS, Source, Wording, answer_id
from handoff.yaml_file import read_yaml

SEEDS = Path(__file__).resolve().parents[2] / "data" / "answers"
STARTS = ("- ", "#")
"""What begins a line of its own in our Markdown subset."""
REVIEW = "reviewed by the Bedside project, awaiting local approval"
TRANSLATED = "translated by the Bedside project, awaiting a qualified translator's review"


@dataclass(frozen=True)
class SeedAnswer:
    """One answer of a file."""

    aspect: str
    wording: Wording


@dataclass(frozen=True)
class Topic:
    """One file: the answers of one topic in one language for one audience."""

    id: str
    title: str
    language: str
    audience: str
    review: str
    answers: tuple[SeedAnswer, ...]

    def answer_id(self, answer: SeedAnswer) -> str:
        return answer_id(self.id, answer.aspect, self.language, self.audience)


def read_folder(folder: Path) -> list[Topic]:
    """Every `*.yml` in the folder, by name, and those of the folders in it: one a language."""
    return [read_topic(path) for path in files_in(folder)]


def files_in(folder: Path) -> list[Path]:
    return [*sorted(folder.glob("*.yml")), *sorted(folder.glob("*/*.yml"))]


def read_topic(path: Path) -> Topic:
    """Raise Invalid, naming file and answer, when the file is not of the agreed shape."""
    try:
        data = read_yaml(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Invalid(f"{path.name}: cannot be read as YAML ({' '.join(str(error).split())}).") from error
    top = _Fields(data, path.name)
    dates = top.day("reviewed_on"), top.day("review_due")
    return Topic(
        id=top.text("topic"),
        title=top.text("title"),
        language=top.text("language", "en"),
        audience=top.text("audience", "adult"),
        review=top.text("review", REVIEW if top.text("language", "en") == "en" else TRANSLATED),
        answers=tuple(_answer(fields, *dates) for fields in top.rows("answers")),
    )


def write_topic(topic: Topic, path: Path) -> None:
    """Write the file so that reading it gives the same Topic, in a form a person can edit."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = yaml.dump(_plain(topic), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    path.write_text(lines, encoding="utf-8")


class _Fields:
    """A mapping of the file, with the place it stands in for the error sentence."""

    def __init__(self, data: object, place: str) -> None:
        if not isinstance(data, Mapping):
            raise Invalid(f"{place}: should hold named fields such as 'topic: asthma'.")
        self._data, self._place = data, place

    def named(self, name: str) -> _Fields:
        return _Fields(self._data, f"{self._place}, {name}")

    def text(self, name: str, default: str | None = None) -> str:
        value = self._data.get(name, default)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(name, "is missing or is not text")
        return value.strip()

    def optional(self, name: str) -> str | None:
        return self.text(name) if self._data.get(name) is not None else None

    def flag(self, name: str) -> bool:
        value = self._data.get(name, False)
        if not isinstance(value, bool):
            raise self.wrong(name, "must be true or false")
        return value

    def day(self, name: str) -> date:
        value = self._data.get(name)
        if type(value) is not date:
            raise self.wrong(name, "must be a date such as 2026-11-22")
        return value

    def optional_day(self, name: str) -> date | None:
        return self.day(name) if self._data.get(name) is not None else None

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._data.get(name)
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            raise self.wrong(
                name, "must be a list of texts (put a text that looks like a number or yes/no in quotes)"
            )
        return tuple(one.strip() for one in value)

    def rows(self, name: str) -> list[_Fields]:
        value = self._data.get(name)
        if not isinstance(value, list) or not value:
            raise self.wrong(name, "must be a list with at least one entry")
        return [_Fields(one, f"{self._place}, {name} {number}") for number, one in enumerate(value, start=1)]

    def wrong(self, name: str, what: str) -> Invalid:
        return Invalid(f"{self._place}: '{name}' {what}.", field=name)


def _answer(fields: _Fields, reviewed_on: date, review_due: date) -> SeedAnswer:
    aspect = fields.text("aspect")
    if aspect not in ASPECTS:
        raise fields.wrong("aspect", f"is '{aspect}' but must be one of {', '.join(ASPECTS)}")
    fields = fields.named(aspect)
    wording = Wording(
        title=fields.text("title"),
        sms=fields.text("sms"),
        web=_unwrapped(fields.text("web")),
        questions=fields.texts("questions"),
        sources=tuple(_source(row) for row in fields.rows("sources")),
        reviewed_on=fields.optional_day("reviewed_on") or reviewed_on,
        review_due=fields.optional_day("review_due") or review_due,
    )
    return SeedAnswer(aspect, wording)


def _unwrapped(text: str) -> str:
    """One line a paragraph or list entry: where a file's lines end says nothing to a reader."""
    lines: list[str] = []
    for line in map(str.strip, text.splitlines()):
        begins = not line or line.startswith(STARTS)
        if lines and lines[-1] and not lines[-1].startswith("#") and not begins:
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return "\n".join(lines)


def _source(fields: _Fields) -> Source:
    return Source(
        title=fields.text("title"),
        publisher=fields.text("publisher"),
        url=fields.optional("url"),
        read_on=fields.optional_day("read_on"),
        to_check=fields.flag("to_check"),
    )


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _block)


def _plain(topic: Topic) -> dict[str, Any]:
    shared = topic.answers[0].wording
    return {
        "topic": topic.id,
        "title": topic.title,
        "language": topic.language,
        "audience": topic.audience,
        "reviewed_on": shared.reviewed_on,
        "review_due": shared.review_due,
        "review": topic.review,
        "answers": [_plain_answer(answer, shared) for answer in topic.answers],
    }


def _plain_answer(answer: SeedAnswer, shared: Wording) -> dict[str, Any]:
    wording = answer.wording
    own = {
        name: getattr(wording, name)
        for name in ("reviewed_on", "review_due")
        if getattr(wording, name) != getattr(shared, name)
    }
    return {
        "aspect": answer.aspect,
        "title": wording.title,
        **own,
        "sms": wording.sms,
        "web": wording.web,
        "questions": list(wording.questions),
        "sources": [_plain_source(source) for source in wording.sources],
    }


def _plain_source(source: Source) -> dict[str, Any]:
    rows = {
        "title": source.title,
        "publisher": source.publisher,
        "url": source.url,
        "read_on": source.read_on,
        "to_check": source.to_check or None,
    }
    return {name: value for name, value in rows.items() if value is not None}
