"""Checks over all answers: doubles, look-alikes, source addresses, questions that find their answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from handoff.content.files import SEEDS, Topic, read_topic
from handoff.content.grade import Grade, grade
from handoff.content.lint import HIGHEST_GRADE, LEXICON, Draft, Finding, check
from handoff.content.markdown import plain
from handoff.content.render import LocalFacts
from handoff.content.spanish import ease
from handoff.content.translation import faithful
from handoff.contract import Found
from handoff.models.answer import Wording, answer_id, language_of

SHINGLE = 6
"""Words in a row: shorter runs are shared by honest plain sentences."""
TOO_ALIKE = 0.4
HELP = re.compile(r"^### .*", re.MULTILINE | re.DOTALL)

Find = Callable[[str, str], Found]
"""What a question, in the language that follows it, finds."""


@dataclass(frozen=True)
class Placed:
    """A finding, and the file and answer it is about."""

    file: str
    answer_id: str
    finding: Finding

    def __str__(self) -> str:
        mark = "" if self.finding.stops else " (advice)"
        place = f"{self.file}: {self.answer_id}, {self.finding.field}" if self.answer_id else self.file
        return f"{place}: {self.finding.problem} {self.finding.mend}{mark}"


@dataclass(frozen=True)
class _One:
    file: str
    id: str
    wording: Wording


def check_all(
    topics: Sequence[tuple[str, Topic]],
    facts: LocalFacts,
    today: date,
    find: Find | None,
    urls: frozenset[str],
) -> list[Placed]:
    """Every finding on these (file, topic) pairs, in order; without `find` questions are not searched."""
    ones = [_One(file, topic.answer_id(a), a.wording) for file, topic in topics for a in topic.answers]
    placed = [
        Placed(file, topic.answer_id(a), finding)
        for file, topic in topics
        for a in topic.answers
        for finding in check(Draft(topic.answer_id(a), a.wording, facts, today, topic.language))
    ]
    placed += _written_twice(ones)
    placed += _asked_twice(ones)
    placed += _unknown_addresses(ones, urls)
    placed += _look_alikes(ones)
    placed += _hard_topics(topics)
    placed += _unfaithful(topics)
    if find:
        placed += _lost_questions(ones, find)
    order = {file: number for number, (file, _) in enumerate(topics)}
    return sorted(placed, key=lambda one: (order[one.file], not one.finding.stops))


def topic_grade(topic: Topic) -> Grade:
    """Over all texts of a topic together."""
    return grade(_all_lines(topic))


def told_level(topic: Topic) -> str:
    """How easy a topic reads, by the formula of its language."""
    if topic.language == "es":
        return f"reading ease {ease(_all_lines(topic)):.0f} (Fernández-Huerta; 70 is grade 6, more is easier)"
    level = topic_grade(topic)
    return (
        f"grade {level.flesch_kincaid:.1f} (Flesch-Kincaid), {level.smog:.1f} (SMOG), "
        f"{level.sentence_words:.1f} words a sentence"
    )


def _all_lines(topic: Topic) -> str:
    return "\n".join(line for a in topic.answers for line in [*plain(a.wording.web), a.wording.sms])


def _unfaithful(topics: Sequence[tuple[str, Topic]]) -> Iterator[Placed]:
    """Translations are held against the English text of the same run, else against the shipped one."""
    english = {topic.id: topic for _, topic in topics if topic.language == "en"}
    for file, topic in topics:
        if topic.language == "en":
            continue
        path = SEEDS / f"{topic.id}.yml"
        original = english.get(topic.id) or (read_topic(path) if path.is_file() else None)
        for aspect, finding in faithful(topic, original):
            yield Placed(file, answer_id(topic.id, aspect, topic.language, topic.audience), finding)


def known_urls() -> frozenset[str]:
    """The source addresses that somebody has read; a new one is added to the list on purpose."""
    return frozenset((LEXICON / "source_urls.txt").read_text(encoding="utf-8").split())


def _written_twice(ones: Iterable[_One]) -> Iterator[Placed]:
    seen: dict[str, str] = {}
    for one in ones:
        if one.id in seen:
            yield Placed(
                one.file, one.id, Finding("aspect", f"It stands in {seen[one.id]} too.", "Leave one of them.")
            )
        seen.setdefault(one.id, one.file)


def _asked_twice(ones: Iterable[_One]) -> Iterator[Placed]:
    seen: dict[str, str] = {}
    for one in ones:
        for question in {question.lower().strip(" ?.!") for question in one.wording.questions}:
            if seen.get(question, one.id) != one.id:
                problem = f"'{question}' is also a question of {seen[question]}."
                yield Placed(one.file, one.id, Finding("questions", problem, "Leave it where it fits best."))
            seen.setdefault(question, one.id)


def _unknown_addresses(ones: Iterable[_One], urls: frozenset[str]) -> Iterator[Placed]:
    for one in ones:
        for source in one.wording.sources:
            if source.url and source.url not in urls:
                mend = "Read the page, then add the address to data/lexicon/source_urls.txt."
                yield Placed(one.file, one.id, Finding("sources", f"{source.url} is not on the list.", mend))


def _look_alikes(ones: Iterable[_One]) -> Iterator[Placed]:
    """Help parts are left out: saying the same there is right."""
    runs = [(one, _shingles(HELP.sub("", one.wording.web))) for one in ones]
    for (first, some), (second, others) in combinations(runs, 2):
        shared = len(some & others)
        if shared and shared / min(len(some), len(others)) > TOO_ALIKE:
            problem = f"The full answer is much the same as {first.id}."
            yield Placed(
                second.file,
                second.id,
                Finding("web", problem, "Say there only what this one is about.", False),
            )


def _hard_topics(topics: Iterable[tuple[str, Topic]]) -> Iterator[Placed]:
    for file, topic in topics:
        level = topic_grade(topic)
        hardest = max(level.flesch_kincaid, level.smog)
        if topic.language == "en" and hardest > HIGHEST_GRADE:
            problem = f"The topic asks for school grade {hardest:.1f}."
            yield Placed(file, "", Finding("web", problem, "Aim at 6: shorter sentences, shorter words."))


def _lost_questions(ones: Iterable[_One], find: Find) -> Iterator[Placed]:
    for one in ones:
        for question in one.wording.questions:
            found = find(question, language_of(one.id))
            first = found.hits[0].answer_id if found.hits else "nothing"
            if first == one.id:
                continue
            offered = one.id in {hit.answer_id for hit in found.hits}
            problem = f"'{question}' finds {first}{' first' if offered else ''}."
            mend = "Make it clearer what it asks about, or give it to that answer."
            yield Placed(one.file, one.id, Finding("questions", problem, mend, stops=not offered))


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1)}
