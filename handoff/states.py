"""Which US state a place lies in, as far as its words say: `data/routing/states.yml`.

A wrong state would only change who is asked first, but a nurse would read it too; so where the words name
two, or none clearly, it is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).resolve().parents[1] / "data" / "routing" / "states.yml"
ALSO_A_CITY = "LA"
"""Two letters that mean Los Angeles more often than a state, unless a comma or a ZIP code says otherwise."""

_END = r"(?:\s*,?\s*(?:USA?|U\.S\.A?\.?|United States|EE\.? ?UU\.?))?\W*$"
_ZIP = r"\s+\d{5}(?:-\d{4})?\b"
_AFTER_COMMA = re.compile(rf",\s*([A-Za-z]{{2}})(?={_ZIP}|\s*,|{_END})", re.IGNORECASE)
_BEFORE_ZIP = re.compile(rf"\b([A-Z]{{2}})(?={_ZIP})")
_LAST = re.compile(rf"\b([A-Z]{{2}})(?={_END})")
_NO_STATE_AFTER = re.compile(
    r"\W+(?:street|st|avenue|ave|road|rd|boulevard|blvd|drive|dr|lane|ln|way|place|pl|court|ct|highway|hwy|parkway"
    r"|pkwy|square|terrace|trail|beach|springs|heights|park|hospital|university|college|hotel)\b",
    re.IGNORECASE,
)
"""After a state's name these make it the name of something that may lie anywhere."""


def state_in(place: str) -> str | None:
    """The two letters of the state that these words name: `Newark, NJ`, `Houston TX 77002`, `in Texas`."""
    codes = names()
    for pattern in (_AFTER_COMMA, _BEFORE_ZIP, _LAST):
        found = {one.upper() for one in pattern.findall(place)} & set(codes)
        if pattern is _LAST:
            found.discard(ALSO_A_CITY)
        if found:
            return found.pop() if len(found) == 1 else None
    found = set(_named(place))
    return found.pop() if len(found) == 1 else None


@cache
def names() -> Mapping[str, tuple[str, ...]]:
    """Code → names, the first one in English."""
    return {code: tuple(given) for code, given in yaml.safe_load(FILE.read_text(encoding="utf8")).items()}


def _named(place: str) -> list[str]:
    pattern, codes = _names()
    return [
        codes[found[0].casefold()]
        for found in pattern.finditer(place)
        if not _NO_STATE_AFTER.match(place[found.end() :])
        and not (
            found[0].casefold() == "kansas" and re.match(r"\W+city\b", place[found.end() :], re.IGNORECASE)
        )
    ]


@cache
def _names() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """The longest first, so that West Virginia is not Virginia."""
    codes = {name.casefold(): code for code, given in names().items() for name in given}
    longest_first = sorted(codes, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE), codes
