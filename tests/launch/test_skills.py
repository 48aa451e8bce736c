"""Each topic and each reason of triage is for one group of nurses, or for any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml

from handoff.content.files import SEEDS
from handoff.skills import ANY, CHILDREN, FILE, skills

DATA = FILE.parents[1]


def read(path: Path) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(path.read_text(encoding="utf8"))
    return found


def codes(found: object) -> Iterator[str]:
    """Every `code` anywhere in a file."""
    if isinstance(found, dict):
        yield from ([found["code"]] if isinstance(found.get("code"), str) else [])
        for value in found.values():
            yield from codes(value)
    elif isinstance(found, list):
        for one in found:
            yield from codes(one)


def all_codes() -> set[str]:
    triage = DATA / "triage"
    files = [*triage.glob("red_flags/*.yml"), triage / "readings.yml", triage / "requests.yml"]
    return {code for path in files for code in codes(read(path))}


def test_every_topic_stands_in_one_group() -> None:
    listed = Counter(topic for topics in read(FILE)["topics"].values() for topic in topics)  # type: ignore[attr-defined]
    known = {path.stem for path in SEEDS.glob("*.yml")} | set(read(DATA / "lexicon" / "topics.yml"))
    assert set(listed) == known
    assert [topic for topic, number in listed.items() if number > 1] == []


def test_every_reason_of_triage_stands_in_one_group() -> None:
    found = {
        code: {group for pattern, group in skills().reasons if fnmatchcase(code, pattern)}
        for code in all_codes()
    }
    assert {code: groups for code, groups in found.items() if len(groups) != 1} == {}


def test_only_groups_of_the_list_are_named() -> None:
    known = {*skills().titles, ANY}
    assert set(skills().topics.values()) <= known
    assert {group for _, group in skills().reasons} <= known
    assert CHILDREN in skills().titles


@pytest.mark.parametrize(
    ("given", "group"),
    [
        ({"asthma"}, "heart-and-lungs"),
        ({"asthma", "pregnancy"}, "pregnancy"),
        ({"flu"}, None),
        ({"no-such-topic"}, None),
        (set(), None),
    ],
)
def test_the_most_particular_group_counts(given: set[str], group: str | None) -> None:
    assert skills().of_topics(given) == group
