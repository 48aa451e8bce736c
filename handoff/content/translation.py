"""Checks of a translation against its original: what a program can see, which is not the meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from handoff.content.files import Topic
from handoff.content.lint import Finding
from handoff.content.markdown import headings, plain
from handoff.content.render import VARIABLE
from handoff.models.answer import Wording

NUMBER = re.compile(r"\d+(?:[./]\d+)?")
CURRENT = re.compile(r"\{suicide_(?:line|text)\}")


def faithful(topic: Topic, original: Topic | None) -> Iterator[tuple[str, Finding]]:
    """(aspect, finding) of one translated topic: what it lost, or has that its original has not."""
    there: Mapping[str, Wording] = {one.aspect: one.wording for one in original.answers} if original else {}
    for answer in topic.answers:
        if answer.aspect not in there:
            yield (
                answer.aspect,
                Finding("aspect", "There is no English answer to this.", "Write that first."),
            )
            continue
        for finding in _compare(answer.wording, there[answer.aspect]):
            yield answer.aspect, finding


def _compare(ours: Wording, theirs: Wording) -> Iterator[Finding]:
    if _named(ours) != _named(theirs):
        yield Finding("sources", "The sources are not those of the English text.", "Name the same ones.")
    missing = set(VARIABLE.findall(theirs.web)) - set(VARIABLE.findall(ours.web))
    if missing:
        yield Finding("web", f"{{{missing.pop()}}} is missing.", "The English text says whom to call there.")
    if _items(ours) != _items(theirs) or len(headings(ours.web)) != len(headings(theirs.web)):
        yield Finding(
            "web",
            f"It has {_items(ours)} list entries, the English text {_items(theirs)}.",
            "Each fact and each danger sign keeps its entry.",
        )
    strange = _numbers(ours) ^ _numbers(theirs)
    if strange:
        yield Finding(
            "web", f"The number {min(strange)} stands in one of both texts only.", "Check it.", stops=False
        )


def _named(wording: Wording) -> set[tuple[str, str | None]]:
    return {(one.publisher, one.url) for one in wording.sources}


def _items(wording: Wording) -> int:
    return sum(line.startswith("- ") for line in plain(wording.web))


def _numbers(wording: Wording) -> set[str]:
    """All but the key to press for Spanish, which stands beside the suicide line only here."""
    return set(NUMBER.findall(CURRENT.sub("", wording.web).replace("marque 2", "")))
