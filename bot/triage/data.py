"""Reads `data/triage/` once and wires the layers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from .context import Context
from .flags import Flag, FlagMatcher, compile_lines, read_flags
from .language import Languages
from .phrases import Grammar, Phrase
from .words import STOP, Spelling, mending, plain

FOLDER = Path(__file__).resolve().parents[2] / "data" / "triage"


@dataclass(frozen=True)
class Reason:
    """A named reason for complexity."""

    code: str
    why: str
    weight: float
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True)
class Request:
    """Something asked or said that is no danger: a person wanted, all is well."""

    phrases: tuple[Phrase, ...]
    unless: tuple[Phrase, ...]
    bare: frozenset[str] = frozenset()
    """Whole messages that mean it."""


@dataclass(frozen=True)
class Knowledge:
    """All that triage knows from data."""

    spelling: Spelling
    languages: Languages
    matcher: FlagMatcher
    context: Context
    wants_human: Request
    all_clear: Request
    own_case: tuple[Reason, ...]


def read(folder: Path | None = None) -> Knowledge:
    """Raise FileNotFoundError, KeyError or PhraseError when the data is incomplete or not of its language."""
    folder = folder or FOLDER
    words = _yaml(folder / "words.yml")
    small = frozenset(plain(word) for word in words["small"])
    spelling = Spelling(words["expansions"], words["emoji"], small, _digits(words["digits"]))
    grammar = Grammar(words["lists"], lambda word: spelling.normalise(word).text)
    flags = [flag for path in sorted((folder / "red_flags").glob("*.yml")) for flag in read_flags(_yaml(path), grammar)]
    requests = _yaml(folder / "requests.yml")
    return Knowledge(
        spelling=_with_vocabulary(spelling, flags, folder),
        languages=_languages(_yaml(folder / "languages.yml")),
        matcher=FlagMatcher(flags),
        context=Context(_yaml(folder / "context.yml"), grammar),
        wants_human=_request(requests["wants_human"], grammar),
        all_clear=_request(requests["all_clear"], grammar),
        own_case=tuple(_reason(one, grammar) for one in requests["own_case"]),
    )


def _with_vocabulary(spelling: Spelling, flags: list[Flag], folder: Path) -> Spelling:
    known = {word for flag in flags for phrase in flag.phrases for word in phrase.words}
    protected = frozenset((folder / "protected.txt").read_text("utf8").split())
    return replace(
        spelling, vocabulary=frozenset(known), mended=mending(known), protected=protected - known
    )


def _digits(data: dict[str, dict[str, list[str]]]) -> dict[str, dict[str, str]]:
    """digit → meaning → following words, turned into digit → following word → meaning."""
    return {
        digit: {plain(word): meant for meant, words in meanings.items() for word in words}
        for digit, meanings in data.items()
    }


def _languages(data: dict[str, Any]) -> Languages:
    return Languages(data["scripts"], {c: frozenset(map(plain, small.split())) for c, small in data["words"].items()})


def _request(data: dict[str, Any], grammar: Grammar) -> Request:
    bare = frozenset(grammar.normalise(line) for line in data.get("bare", "").splitlines())
    return Request(compile_lines(data["phrases"], grammar), compile_lines(data.get("unless", ""), grammar), bare - {""})


def _reason(data: dict[str, Any], grammar: Grammar) -> Reason:
    return Reason(data["code"], data["why"], data.get("weight", 0.7), compile_lines(data["phrases"], grammar))


def _yaml(path: Path) -> dict[str, Any]:
    data = yaml.load(path.read_text("utf8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if not isinstance(data, dict):
        raise KeyError(f"{path.name} is not a mapping.")
    return data


__all__ = ["FOLDER", "STOP", "Knowledge", "Reason", "Request", "read"]
