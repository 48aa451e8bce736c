"""Cuts a text into overlapping windows, so that what is said in one sentence of a long text is heard."""

from __future__ import annotations

import re

WHOLE = 40
"""Words up to which a text is read in one piece."""
STEP = 20
"""Words from one window's start to the next; a window is half as long again."""
FITS = 110
"""Words up to which the encoder can read a text in one piece."""
MOST = 20
"""Windows at most; a longer text gets wider ones, so that all of it is still read."""

_SPACE = re.compile(r"\s+")


def windows(text: str) -> list[str]:
    """At least one window; together they hold every word."""
    words = _SPACE.split(text.strip())
    if len(words) <= WHOLE:
        return [" ".join(words)]
    step = max(STEP, -(-len(words) // MOST))
    width = step + step // 2
    return [" ".join(words[i : i + width]) for i in range(0, len(words) - width + step, step)]


def fits(text: str) -> bool:
    """Whether a text that is read in windows can be read whole as well."""
    return WHOLE < len(_SPACE.split(text.strip())) <= FITS
