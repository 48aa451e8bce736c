"""From one patient's words to an answer, a choice of answers, or an honest "not sure"."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from handoff.contract import Found, Hit
from handoff.models.answer import ASPECTS
from handoff.search.aspects import Floats, features
from handoff.search.lexicon import Lexicon, Mention, Reading
from handoff.search.snapshot import Embed, Snapshot

SHOWN = 3
MOST_WINDOWS = 12
WINDOW_WORDS = 60
"""A longer text is looked at in overlapping windows, so that a question at its end counts."""

ASPECT_WEIGHT = 0.35
NAMED, PARTLY_NAMED, FOLLOWS = 0.97, 0.5, 0.9
"""How sure the topic is when the text names it, also names one without answers, or goes on with it."""
ALIKE, STEEPNESS = 0.62, 12.0
"""Without a name: the likeness at which the closest topic is right half the time, and the slope there."""
FAMILIAR = 0.55
"""What goes on with a topic asks something like an example question with its topic left out."""
TOPIC_SHARE = 0.1
"""A question that is this much more alike without any topic than with the best one names none."""
SAME, SAME_LEAD = 0.9, 0.3
"""A text so like an example question asks just that, whatever it names; and the lead this gives."""
CHANCE, LEAD = 0.25, 0.12
"""How often the first answer of the right topic is the right one without any lead over the second, and how
fast a lead makes it certain. Fitted on the seed answers' own questions, each held out in turn: leads of about
0.04, 0.1, 0.16 and 0.3 were right in 45, 70, 82 and 94 of 100."""

ABOUT_MEDICINE = frozenset({"medicine", "side-effects", "interactions"})
QUESTION = re.compile(r"[.?!;\n]+|,? \b(?:and|also|plus)\b")


@dataclass(frozen=True)
class Thresholds:
    """The confidence in an answer from which it is given outright; in a topic, to offer its answers."""

    answer_at: float
    offer_at: float


@dataclass(frozen=True)
class _Looked:
    """How a text compares with every entry of the snapshot."""

    likeness: Floats
    score: Floats
    """Likeness, plus what the aspect model says of the entry's aspect, plus a lead for the same question."""
    same: frozenset[str]
    """Topics with an example question that is as good as the same."""
    familiar: float
    """Likeness to any example question when both leave their topic's name out."""

    @property
    def topic_free(self) -> bool:
        """Whether it reads like a question whose topic is missing ("is it contagious")."""
        return self.familiar > float(self.likeness.max()) + TOPIC_SHARE


@dataclass(frozen=True)
class _Candidate:
    """One topic that may be meant: how sure that is, and its entries best first."""

    sure: float
    places: list[int]
    scores: list[float]

    @property
    def confidence(self) -> float:
        """The chance that the first entry is what was asked for."""
        lead = self.scores[0] - self.scores[1] if len(self.scores) > 1 else 1.0
        return self.sure * (1 - (1 - CHANCE) * math.exp(-lead / LEAD))


class Ranker:
    """Searches one snapshot."""

    def __init__(self, snapshot: Snapshot, lexicon: Lexicon, embed: Embed, at: Thresholds) -> None:
        self._snapshot, self._lexicon, self._embed, self._at = snapshot, lexicon, embed, at

    def find(self, text: str, about: str | None = None) -> Found:
        """What to do with one message; `about` is the topic the conversation is on, if there is one."""
        about = about if about in self._snapshot.topics else None
        reading = self._lexicon.read(text, goes_on=about is not None)
        if not any(sign.isalnum() for sign in reading.text):
            return Found("unsure", 0.0)
        return self._two_questions(reading, text) or self._decide(self._candidates(reading, about))

    def _two_questions(self, reading: Reading, text: str) -> Found | None:
        """Two answers, when the parts of a message ask clearly about two topics, one each."""
        if len(reading.mentions) != 2:
            return None
        parts = [
            part for part in map(self._lexicon.read, QUESTION.split(text)) if part.mentions and part.aspects
        ]
        if len(parts) != 2:
            return None
        found = [self._decide(self._candidates(part, None)) for part in parts]
        hits = tuple(one.hits[0] for one in found if one.decision == "answer")
        if len(hits) != 2 or hits[0].topic == hits[1].topic:
            return None
        return Found("answer", min(one.confidence for one in found), hits, both=True)

    def _candidates(self, reading: Reading, about: str | None) -> list[_Candidate]:
        """The topics that may be meant, surest first; none when it names only topics without answers."""
        looked = self._look(reading)
        if looked.same:
            return self._of(looked.same, NAMED, looked)
        if reading.mentions:
            return self._named(reading, looked)
        if about and (reading.sides or looked.familiar >= FAMILIAR):
            beside = [topic for mention in reading.sides for topic in mention.topics]
            return self._of(self._served([about, *beside]), FOLLOWS, looked)
        return [] if looked.topic_free else self._nearest(looked)

    def _named(self, reading: Reading, looked: _Looked) -> list[_Candidate]:
        covered = [topics for mention in reading.mentions if (topics := self._meant(mention, reading))]
        if not covered:
            named, treats = [*reading.mentions, *reading.sides], self._lexicon.treats
            near = [other for one in named for topic in one.topics for other in (treats.get(topic), topic)]
            return self._of(self._served(near), PARTLY_NAMED, looked)
        best = self._best_likeness(looked)
        sure = NAMED if len(covered) == len(reading.mentions) else PARTLY_NAMED
        return self._of([max(topics, key=best.__getitem__) for topics in covered], sure, looked)

    def _meant(self, mention: Mention, reading: Reading) -> list[str]:
        """The topics with answers that a name may mean; its medicines too when the text asks for them."""
        medicines = self._lexicon.medicines_of if reading.aspects & ABOUT_MEDICINE else {}
        return self._served([*mention.topics, *(medicines.get(topic) for topic in mention.topics)])

    def _served(self, topics: Iterable[str | None]) -> list[str]:
        return [topic for topic in topics if topic in self._snapshot.topics]

    def _of(self, topics: Iterable[str], sure: float, looked: _Looked) -> list[_Candidate]:
        found = [self._candidate(topic, sure, looked) for topic in dict.fromkeys(topics)]
        return sorted(found, key=lambda one: -one.scores[0])

    def _nearest(self, looked: _Looked) -> list[_Candidate]:
        best = self._best_likeness(looked)
        topics = sorted(best, key=lambda topic: -best[topic])[:SHOWN]
        return [self._candidate(topic, _sure_of(best[topic]), looked) for topic in topics]

    def _best_likeness(self, looked: _Looked) -> dict[str, float]:
        return {
            topic: float(looked.likeness[places].max()) for topic, places in self._snapshot.topics.items()
        }

    def _candidate(self, topic: str, sure: float, looked: _Looked) -> _Candidate:
        places = sorted(self._snapshot.topics[topic], key=lambda place: -looked.score[place])
        return _Candidate(sure, places, [float(looked.score[place]) for place in places])

    def _look(self, reading: Reading) -> _Looked:
        snapshot, whole = self._snapshot, _windows(reading.canonical)
        texts = [reading.text, reading.bare, *whole]
        once = list(dict.fromkeys(texts))  # short questions are often the same in two of these forms
        vectors = self._embed(once)[[once.index(text) for text in texts]]
        text, bare, canonical = vectors[:1], vectors[1:2], vectors[2:]
        likeness = snapshot.likeness(snapshot.canonical, canonical)
        row = features([reading], canonical[:1], bare)
        aspects = dict(zip(ASPECTS, snapshot.aspects.scores(row)[0], strict=True))
        leaning = np.array([aspects[entry.aspect] for entry in snapshot.entries])
        same = snapshot.likeness(snapshot.texts, text) >= SAME
        return _Looked(
            likeness=likeness,
            score=likeness + ASPECT_WEIGHT * leaning + SAME_LEAD * same,
            same=frozenset(snapshot.entries[place].topic for place in np.flatnonzero(same)),
            familiar=snapshot.familiar(bare),
        )

    def _decide(self, candidates: list[_Candidate]) -> Found:
        likely = [one for one in candidates if one.sure >= self._at.offer_at]
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
