"""What changed between two texts, word by word, for an approver to see at a glance."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from handoff.models.answer import Source, Wording

PIECE = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True)
class Change:
    """A run of words that stayed, came or went."""

    kind: Literal["same", "new", "gone"]
    text: str


def changes(before: str, after: str) -> list[Change]:
    """`before` is the text of all that is "same" and "gone"; `after` of all that is "same" and "new"."""
    old, new = PIECE.findall(before), PIECE.findall(after)
    found: list[Change] = []
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(Change("same", "".join(old[i:j])))
            continue
        found += [Change("gone", "".join(old[i:j]))] if j > i else []
        found += [Change("new", "".join(new[k:m]))] if m > k else []
    return found


def compare(before: Wording, after: Wording) -> dict[str, list[Change]]:
    """The fields that differ, each with its changes."""
    texts = {name: (text, _texts(after)[name]) for name, text in _texts(before).items()}
    return {name: changes(old, new) for name, (old, new) in texts.items() if old != new}


def _texts(wording: Wording) -> dict[str, str]:
    return {
        "Title": wording.title,
        "Text message": wording.sms,
        "Full answer": wording.web,
        "Example questions": "\n".join(wording.questions),
        "Sources": "\n".join(_line(source) for source in wording.sources),
        "Reviewed on": str(wording.reviewed_on),
        "Review due": str(wording.review_due),
    }


def _line(source: Source) -> str:
    parts = [source.title, source.publisher, source.url, f"read {source.read_on}" if source.read_on else None]
    return ", ".join(part for part in [*parts, "to check" if source.to_check else None] if part)
