"""From one patient's words to an answer, a choice of answers, or an honest "not sure"."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from handoff.contract import Found, Hit
from handoff.models.answer import ASPECTS
from handoff.search.aspects import features
from handoff.search.lexicon import Lexicon, Reading
from handoff.search.snapshot import Embed, Snapshot

SHOWN = 3
MOST_WINDOWS = 12
WINDOW_WORDS = 60
"""A longer text is looked at in overlapping windows, so that a question at its end counts."""

ASPECT_WEIGHT = 0.35
LEAD = 0.05
"""How fast an answer's lead over the next one makes it certain which side of the topic is meant."""
NAMED, PARTLY_NAMED, FOLLOWS = 0.95, 0.6, 0.9
"""How sure the topic is when the text names it, names one without answers too, or goes on with it."""
ALIKE, STEEPNESS = 0.62, 12.0
"""Without a name: the likeness at which the closest topic is right half the time, and how fast that changes."""
FAMILIAR = 0.55
"""What goes on with a topic asks something like an example question with its topic left out."""
LEAST_ASPECT = 0.5
"""What confidence keeps of the topic's when nothing says which side of it is meant."""

QUESTION = re.compile(r"[.?!;\n]+|,? \b(?:and|also|plus)\b")


@dataclass(frozen=True)
class Thresholds:
    """The confidence from which an answer is given outright, and from which choices are offered."""

    answer_at: float
    offer_at: float


@dataclass(frozen=True)
class _Looked:
    """How a text compares with every entry of the snapshot."""

    likeness: npt.NDArray[np.float64]
    score: npt.NDArray[np.float64]
    """Likeness, plus what the aspect model says of the entry's aspect."""
    familiar: float


@dataclass(frozen=True)
class _Candidate:
    """One topic that may be meant: how sure that is, and its entries best first."""

    sure: float
    places: list[int]
    scores: list[float]

    @property
    def confidence(self) -> float:
        """Of the topic, less what is unclear about the aspect."""
        lead = self.scores[0] - self.scores[1] if len(self.scores) > 1 else 1.0
        clear = 1 - math.exp(-lead / LEAD)
        return self.sure * (LEAST_ASPECT + (1 - LEAST_ASPECT) * clear)


class Ranker:
    """Searches one snapshot."""

    def __init__(self, snapshot: Snapshot, lexicon: Lexicon, embed: Embed, at: Thresholds) -> None:
        self._snapshot, self._lexicon, self._embed, self._at = snapshot, lexicon, embed, at

    def find(self, text: str, about: str | None = None) -> Found:
        """What to do with one message; `about` is the topic the conversation is on, if there is one."""
        reading = self._lexicon.read(text)
        if not any(sign.isalnum() for sign in reading.text):
            return Found("unsure", 0.0)
        return self._two_questions(reading, text) or self._decide(self._candidates(reading, about))

    def _two_questions(self, reading: Reading, text: str) -> Found | None:
        """Two answers, when the parts of a message ask clearly about two topics, one each."""
        if len(reading.mentions) != 2:
            return None
        parts = [part for part in QUESTION.split(text) if part and self._lexicon.read(part).mentions]
        if len(parts) != 2:
            return None
        found = [self._decide(self._candidates(self._lexicon.read(part), None)) for part in parts]
        hits = tuple(one.hits[0] for one in found if one.decision == "answer")
        if len(hits) != 2 or hits[0].topic == hits[1].topic:
            return None
        return Found("answer", min(one.confidence for one in found), hits, both=True)

    def _candidates(self, reading: Reading, about: str | None) -> list[_Candidate]:
        """The topics that may be meant, surest first; none when the text names only topics without answers."""
        looked = self._look(reading)
        if reading.mentions:
            return self._named(reading, looked)
        if about in self._snapshot.topics and looked.familiar >= FAMILIAR:
            return [self._candidate(about, FOLLOWS, looked)]
        return self._nearest(reading, looked)

    def _named(self, reading: Reading, looked: _Looked) -> list[_Candidate]:
        served = [[topic for topic in one.topics if topic in self._snapshot.topics] for one in reading.mentions]
        covered = [topics for topics in served if topics]
        sure = NAMED if len(covered) == len(served) else PARTLY_NAMED
        best = self._best_likeness(looked)
        topics = dict.fromkeys(max(meant, key=best.__getitem__) for meant in covered)
        return sorted(
            (self._candidate(topic, sure, looked) for topic in topics), key=lambda one: -one.scores[0]
        )

    def _nearest(self, reading: Reading, looked: _Looked) -> list[_Candidate]:
        best = self._best_likeness(looked)
        topics = sorted(best, key=lambda topic: -best[topic])[:SHOWN]
        return [self._candidate(topic, _sure_of(best[topic]), looked) for topic in topics]

    def _best_likeness(self, looked: _Looked) -> dict[str, float]:
        return {topic: float(looked.likeness[places].max()) for topic, places in self._snapshot.topics.items()}

    def _candidate(self, topic: str, sure: float, looked: _Looked) -> _Candidate:
        places = sorted(self._snapshot.topics[topic], key=lambda place: -looked.score[place])
        return _Candidate(sure, places, [float(looked.score[place]) for place in places])

    def _look(self, reading: Reading) -> _Looked:
        windows = _windows(reading.canonical)
        vectors = self._embed([*windows, *_windows(reading.bare)])
        canonical, bare = vectors[: len(windows)], vectors[len(windows) :]
        likeness = self._snapshot.likeness(canonical).astype(np.float64)
        row = features([reading], canonical[:1], bare[:1])
        aspects = dict(zip(ASPECTS, self._snapshot.aspects.scores(row)[0], strict=True))
        leaning = np.array([aspects[entry.aspect] for entry in self._snapshot.entries])
        return _Looked(likeness, likeness + ASPECT_WEIGHT * leaning, self._snapshot.familiar(bare))

    def _decide(self, candidates: list[_Candidate]) -> Found:
        likely = [one for one in candidates if one.confidence >= self._at.offer_at]
        if not likely:
            return Found("unsure", max((one.confidence for one in candidates), default=0.0))
        confidence = likely[0].confidence
        outright = len(likely) == 1 and confidence >= self._at.answer_at
        return Found("answer" if outright else "clarify", confidence, self._hits(likely))

    def _hits(self, candidates: Sequence[_Candidate]) -> tuple[Hit, ...]:
        """The best of each topic, then the next of each, at most three."""
        turns = range(max(len(candidate.places) for candidate in candidates))
        ordered = [
            (candidate.places[turn], candidate.scores[turn])
            for turn in turns
            for candidate in candidates
            if turn < len(candidate.places)
        ]
        return tuple(self._hit(place, score) for place, score in ordered[:SHOWN])

    def _hit(self, place: int, score: float) -> Hit:
        entry = self._snapshot.entries[place]
        return Hit(entry.answer_id, entry.version, entry.topic, entry.aspect, entry.title, round(score, 3))


def _sure_of(likeness: float) -> float:
    return 1 / (1 + math.exp(-STEEPNESS * (likeness - ALIKE)))


def _windows(text: str) -> list[str]:
    """The whole text, and for a long one its overlapping parts of `WINDOW_WORDS` words."""
    words = text.split()
    if len(words) <= WINDOW_WORDS:
        return [text]
    step = max(WINDOW_WORDS // 2, math.ceil(len(words) / MOST_WINDOWS))
    return [text, *(" ".join(words[start : start + 2 * step]) for start in range(0, len(words) - step, step))]
