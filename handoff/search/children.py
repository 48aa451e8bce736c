"""Follow-ups such as "and for kids?": what is written for adults is not given as if it were for a child."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from handoff.contract import Found, Hit
from handoff.languages import folded
from handoff.models.answer import AnswerVersion

CHILD = re.compile(
    r"\b(?:kiddos?|bab(?:y|ies)|infants?|toddlers?|newborns?|teen(?:ager)?s?|boys?|girls?"
    r"|(?:grand)?(?:kids?|child(?:ren)?|daughters?)|grandsons?|(?:my|our|your|his|her|their) (?:\w+ )?sons?"
    r"|(?:1[0-7]|[1-9])[ -]?(?:(?:year|yr)s?[ -]?old|yo|y/o)|\d+[ -]?(?:month|week|day)s?[ -]?old"
    r"|nin[oa]s?|bebes?|hij[oa]s?|niet[oa]s?|adolescentes?"
    r"|de (?:1[0-7]|[1-9]) anos|de \d+ (?:meses|semanas))\b"
)
"""In English or Spanish, where "son" is a verb."""
WRITTEN_FOR = re.compile(r"\b(?:child(?:ren)?|nin[oa]s?)\b")
"""What the title of an answer, or of its topic, says that is for children whatever its audience."""
UNBORN = re.compile(
    r"\b(?:pregnan|unborn|expecting|breast ?fe|nursing|fertility|(?:hurt|harm|affect)\w* (?:my|the) baby"
    r"|(?:having|(?:can|could|to|still) (?:i |we )?have) (?:kids|children|babies|a baby)"
    r"|embaraz|amamant|lactancia|tener hijos)"
)
"""It is not the child who would be treated: it is about its mother, or about having one."""
PASSED_ON = re.compile(r"\b(?:(?:get|catch|pass|inherit)\w* (?:it|this|that)\b|inherit|contag|hered|pega)")
AT_ANY_AGE = ("causes", "spread")
"""Sides of a topic that say where it comes from and to whom it goes."""
LIKEWISE = re.compile(r"\b(?:for|in|about|to|if|para|en|con|si)\b")
"""Carries the last question over to somebody; a child that is named without it is a new question."""
SURE, OFFERED, SHOWN = 0.9, 0.5, 3


def asks_for_child(text: str, about: str) -> bool:
    """Whether a message that may go on with the topic `about` speaks of a child who would be treated."""
    said = folded(text)
    if WRITTEN_FOR.search(about) or UNBORN.search(f"{said} {about}"):
        return False
    return CHILD.search(said) is not None


def for_children(version: AnswerVersion) -> bool:
    answer = version.answer
    titles = folded(f"{version.title} {answer.topic_title}")
    return answer.audience == "child" or WRITTEN_FOR.search(titles) is not None


@dataclass(frozen=True)
class Children:
    """The served answers that are for children, each with its language."""

    answers: Sequence[tuple[str, Hit]] = ()

    def instead(self, found: Found, text: str, about: str, language: str) -> Found:
        """What `text`, which asks for a child, gets instead of an adult's answer on the topic `about`.

        It is what there is for children on that topic; if nothing is, unsure, `for_child`.
        """
        if self._stands(found, folded(text), about):
            return found
        hits = self._on(about, language)
        if not hits:
            return Found("unsure", 0.0, for_child=True)
        return Found("answer", SURE, hits) if len(hits) == 1 else Found("clarify", OFFERED, hits[:SHOWN])

    def _stands(self, found: Found, said: str, about: str) -> bool:
        """Whether it is no adult's answer on `about`: another question's, or one for children anyway."""
        if not found.hits:
            return False
        ours = {hit.answer_id for _, hit in self.answers}
        adults = [hit for hit in found.hits if hit.answer_id not in ours]
        if any(hit.topic == about for hit in adults):
            first = found.hits[0].aspect
            return found.decision == "answer" and first in AT_ANY_AGE and bool(PASSED_ON.search(said))
        return found.decision == "answer" or bool(adults) or not LIKEWISE.search(said)

    def _on(self, topic: str, language: str) -> tuple[Hit, ...]:
        """One an aspect, in `language` where there is one, else in English."""
        found: dict[str, Hit] = {}
        for theirs in ("en", language):
            found |= {
                hit.aspect: hit for written, hit in self.answers if (written, hit.topic) == (theirs, topic)
            }
        return tuple(found.values())
