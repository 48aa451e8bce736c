"""The project's own sentences, each with what a careful nurse would want: the trained layer's teachers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Example:
    """One sentence written for this project."""

    text: str
    label: str
    """crisis, distress, emergency, urgent, nurse, educate or other."""
    tags: tuple[str, ...] = ()
    family: str = ""
    """Family of safety copy, for a crisis."""


def read_examples(folder: Path) -> list[Example]:
    """All sentences under `folder`/examples, in the order of the files' names."""
    lines = [line for path in _files(folder) for line in path.read_text("utf8").splitlines() if line.strip()]
    return [_example(json.loads(line)) for line in lines]


def fingerprint(folder: Path) -> str:
    """SHA-256 of all sentences: says whether a fitted model belongs to them."""
    sums = hashlib.sha256()
    for path in _files(folder):
        sums.update(path.read_bytes())
    return sums.hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted((folder / "examples").glob("*.jsonl"))


def _example(row: dict[str, object]) -> Example:
    tags = row.get("tags", [])
    if not isinstance(tags, list):
        raise ValueError("tags must be a list")
    return Example(str(row["text"]), str(row["label"]), tuple(map(str, tags)), str(row.get("family", "")))
