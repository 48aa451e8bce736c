"""A small search of our own: three topics in a few words, and the real vectors and lexicon."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from handoff.contract import Found
from handoff.search.lexicon import Lexicon
from handoff.search.rank import Ranker, Thresholds
from handoff.search.snapshot import Asked, Entry, take
from handoff.search.vectors import SentenceVectors

AT = Thresholds(answer_at=0.6, offer_at=0.1)

QUESTIONS: dict[str, tuple[str, ...]] = {
    "asthma.overview": ("what is asthma", "tell me about asthma", "what does asthma do to your lungs"),
    "asthma.symptoms": ("what are the symptoms of asthma", "signs of asthma", "how do i know its asthma"),
    "asthma.spread": ("is asthma contagious", "can i catch asthma from my kid", "does asthma spread"),
    "asthma.side-effects": (
        "side effects of asthma medicine",
        "what are the side effects for asthma",
        "does my asthma inhaler make me shaky",
    ),
    "asthma.pregnancy": ("asthma while pregnant", "is my asthma a danger to the baby in pregnancy"),
    "gout.overview": ("what is gout", "tell me about gout", "what happens in gout"),
    "gout.diet": ("what foods are bad for gout", "gout diet", "can i eat meat with gout"),
    "gout.symptoms": ("what are the symptoms of gout", "how does gout feel", "signs of gout"),
    "depression.overview": ("what is depression", "what does depression mean", "explain depression"),
    "depression.treatment": ("how is depression treated", "treatment for depression", "depression therapy"),
    "depression.symptoms": ("symptoms of depression", "signs of depression", "how do i know i am depressed"),
}


@cache
def vectors() -> SentenceVectors:
    return SentenceVectors()


@cache
def lexicon() -> Lexicon:
    return Lexicon()


def asked(questions: dict[str, tuple[str, ...]] = QUESTIONS) -> list[Asked]:
    return [
        Asked(Entry(id, 1, *id.split("."), title=id), "en", some)  # type: ignore[misc]
        for id, some in questions.items()
    ]


@cache
def ranker() -> Ranker:
    return Ranker(take(asked(), lexicon(), vectors()), lexicon(), vectors(), AT)


def find(text: str, about: str | None = None) -> Found:
    return ranker().find(text, about)


def best(found: Found) -> str:
    return found.hits[0].answer_id if found.hits else ""


def without(topic: str) -> Ranker:
    """The same search as if nothing were written on `topic`."""
    kept = {id: some for id, some in QUESTIONS.items() if not id.startswith(f"{topic}.")}
    return Ranker(take(asked(kept), lexicon(), vectors()), lexicon(), vectors(), replace(AT))
