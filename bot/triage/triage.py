"""Puts the layers together: one message in, one assessment out, whatever the message is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .assessment import ACUITIES, FAMILIES, About, Acuity, Assessment, Complexity, Distress, Evidence
from .data import Knowledge, Request
from .flags import Hit
from .language import readable
from .words import STOP, Normal

Embed = Callable[[Sequence[str]], Any]
"""Sentences → one row of 384 numbers (float32, length 1) for each."""

OWN_CASE = 0.6
"""Complexity from which a message is about this person's own case."""
SECOND_FAILURE = 2
"""Failed answers in a row, this one included, from which a human is offered."""

_MEDICAL = ("medical", "poison")
_PERSONAL = frozenset(
    "i me my mine myself he she him her his hers we us our they them their baby himself herself"
    " yo mi mis me el ella su le nos".split()
)
_CHILD = frozenset(
    "son daughter kid kids child children baby infant toddler newborn grandson granddaughter grandchild grandbaby stepson"
    " stepdaughter nephew niece boy girl hijo hija bebe nino nina nieto nieta sobrino sobrina".split()
)
_ADULT = frozenset(
    "mom mother dad father husband wife spouse partner boyfriend girlfriend fiance fiancee ex sister brother grandma"
    " grandmother grandpa grandfather aunt uncle cousin friend roommate neighbor coworker someone somebody man woman guy"
    " lady teen teenager person parents patient student client"
    " mama madre papa padre esposo esposa marido pareja novio novia hermano hermana abuelo abuela tio tia amigo amiga"
    " alguien".split()
)
_THEY = frozenset("he she him her his they them himself herself themselves el ella".split())
_SELF = frozenset("i me my myself mine yo mi me estoy tengo quiero siento".split())


@dataclass(frozen=True)
class Finding:
    """A flag that stands, with the acuity that the words around it leave it."""

    hit: Hit
    acuity: str
    note: str = ""


@dataclass(frozen=True)
class Triage:
    """Judges messages. Holds no state between messages and may be used from any thread."""

    knowledge: Knowledge
    embed: Embed | None = None

    def assess(self, text: str, recent: Sequence[str] = (), failures: int = 0) -> Assessment:
        """Judge `text` alone and joined with the same person's `recent` messages (oldest first); the worse counts.

        `failures`: failed answers in a row before this message. Never raises, however odd the text.
        """
        alone = self._judge(text, 0, failures)
        if not any(r.strip() for r in recent):
            return alone
        before = " ".join(recent)
        joined = self._judge(f"{before} {text}", len(before) + 1, failures)
        return _worse_of(alone, joined)

    def _judge(self, text: str, new_from: int, failures: int) -> Assessment:
        normal = self.knowledge.spelling.normalise(text)
        language = self.knowledge.languages.of(text[new_from:])
        findings = self._findings(normal, new_from)
        evidence = tuple(_evidence(f, normal) for f in findings)
        wants_human = self._says(self.knowledge.wants_human, normal, new_from)
        acuity = min((f.acuity for f in findings), key=ACUITIES.index, default="routine")
        can_read = readable(language)
        if not can_read:
            acuity = min(acuity, "urgent", key=ACUITIES.index)
            evidence += (Evidence("unreadable.language", text[new_from:].strip()[:80], UNREADABLE_WHY),)
        complexity = self._complexity(normal, failures)
        return Assessment(
            acuity=_acuity(acuity),
            distress=_distress(findings),
            families=_families(findings),
            about=_about(findings, normal),
            wants_human=wants_human,
            complexity=complexity,
            evidence=evidence,
            readable=can_read,
            all_clear=self._says(self.knowledge.all_clear, normal, new_from),
            language=language,
        )

    def _findings(self, normal: Normal, new_from: int) -> list[Finding]:
        """Standing flags that touch the new message, worst first, one for each code."""
        hits = [h for h in self.knowledge.matcher.find(normal) if normal.words[h.last - 1].end > new_from]
        if not hits:
            return []
        modifiers = self.knowledge.context.modifiers(normal, [(h.first, h.last) for h in hits])
        found = [f for h, m in zip(hits, modifiers) if (f := _weigh(h, m, normal)) is not None]
        best: dict[str, Finding] = {}
        for finding in sorted(found, key=lambda f: (ACUITIES.index(f.acuity), f.hit.first)):
            best.setdefault(finding.hit.flag.code, finding)
        return list(best.values())

    def _says(self, request: Request, normal: Normal, new_from: int) -> bool:
        new = " ".join(w.text for w in normal.words if w.end > new_from)
        if new.strip(" .,") in request.bare:
            return True
        for sentence in new.split(f" {STOP}"):
            if any(next(p.find(sentence), None) for p in request.phrases) and not any(
                next(p.find(sentence), None) for p in request.unless
            ):
                return True
        return False

    def _complexity(self, normal: Normal, failures: int) -> Complexity:
        reasons = [r for r in self.knowledge.own_case if any(next(p.find(normal.text), None) for p in r.phrases)]
        score = min(1.0, sum(r.weight for r in reasons))
        names = tuple(r.code for r in reasons)
        if failures + 1 >= SECOND_FAILURE:
            names += ("conversation.second_failure",)
        return Complexity(round(score, 3), names, score >= OWN_CASE)


UNREADABLE_WHY = "Written in a language or script that triage cannot read."


def _weigh(hit: Hit, modifiers: frozenset[str], normal: Normal) -> Finding | None:
    """What a flag is worth with the words around it; None when it does not stand. When unsure, it stands."""
    if hit.acuity == "crisis":
        return _weigh_crisis(hit, modifiers, normal)
    over = "past" in modifiers or "told_elsewhere" in modifiers
    if "negated" in modifiers or (over and "now" not in modifiers):
        return None
    if "general" in modifiers and "now" not in modifiers:
        if hit.acuity != "emergency" or not _personal(hit, normal):
            return None
        return Finding(hit, "urgent", "asked as a question")
    return Finding(hit, hit.acuity)


def _weigh_crisis(hit: Hit, modifiers: frozenset[str], normal: Normal) -> Finding | None:
    """A crisis that is denied, past or quoted still gets a human offered; only talk about it in general is let go."""
    if "general" in modifiers and not _personal(hit, normal):
        return None
    if "negated" in modifiers:
        return Finding(hit, "distress", "denied")
    if "past" in modifiers and "now" not in modifiers:
        return Finding(hit, "distress", "told as past")
    if "told_elsewhere" in modifiers and "now" not in modifiers:
        return Finding(hit, "distress", "may be about a film, song or book")
    return Finding(hit, "crisis")


def _personal(hit: Hit, normal: Normal) -> bool:
    nearby = normal.words[max(0, hit.first - 6) : hit.last + 6]
    return any(w.text in _PERSONAL for w in nearby)


def _evidence(finding: Finding, normal: Normal) -> Evidence:
    flag = finding.hit.flag
    why = f"{flag.why[:-1]} ({finding.note})." if finding.note else flag.why
    return Evidence(flag.code, normal.own_words(finding.hit.first, finding.hit.last)[:200], why)


def _families(findings: Sequence[Finding]) -> tuple[str, ...]:
    found = {f.hit.flag.family for f in findings if f.acuity in ("crisis", "emergency") and f.hit.flag.family}
    return tuple(sorted(found, key=FAMILIES.index))


def _distress(findings: Sequence[Finding]) -> Distress:
    if any(f.acuity == "crisis" for f in findings):
        return "crisis"
    return "distress" if any(f.acuity == "distress" for f in findings) else "none"


def _about(findings: Sequence[Finding], normal: Normal) -> About:
    """Who is in danger: from the flag's own words, else from who was last spoken of before it."""
    if not findings:
        return "unknown"
    hit = findings[0].hit
    inside = [w.text for w in normal.words[hit.first : hit.last]]
    before = [w.text for w in normal.words[: hit.first]]
    for words in (_last_word_first(inside), _last_word_first(before)):
        for word in words:
            about = _who(word, before + inside)
            if about is not None:
                return about
    return "unknown"


def _last_word_first(words: Sequence[str]) -> list[str]:
    """Victims stand behind what is done to them ("my husband hits me"), so the last word is asked first."""
    return list(reversed(words))


def _who(word: str, all_words: Sequence[str]) -> About | None:
    if word in _CHILD:
        return "child"
    if word in _ADULT:
        return "other"
    if word in _THEY:
        return "child" if any(w in _CHILD for w in all_words) else "other"
    return "self" if word in _SELF else None


def _acuity(name: str) -> Acuity:
    for known in ("crisis", "emergency", "urgent", "distress"):
        if name == known:
            return known  # type: ignore[return-value]
    return "routine"


def _worse_of(alone: Assessment, joined: Assessment) -> Assessment:
    """The more pressing of the two; what either found is kept."""
    worst, other = sorted((alone, joined), key=lambda a: (ACUITIES.index(a.acuity), a is joined))
    codes = {e.code for e in worst.evidence}
    return replace(
        worst,
        distress=min(alone.distress, joined.distress, key=("crisis", "distress", "none").index),
        families=tuple(sorted({*alone.families, *joined.families}, key=FAMILIES.index)),
        wants_human=alone.wants_human or joined.wants_human,
        complexity=max(alone.complexity, joined.complexity, key=lambda c: c.score),
        evidence=worst.evidence + tuple(e for e in other.evidence if e.code not in codes),
        readable=alone.readable,
        all_clear=alone.all_clear,
        language=alone.language,
    )
