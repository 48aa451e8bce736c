"""What the words around a flag do to it: deny it, put it in the past, or ask about it in general.

medspaCy's ConText does the work, with the lay-language rules of `data/triage/context.yml` and none of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import spacy
from medspacy.context import ConText, ConTextRule
from spacy.language import Language
from spacy.tokens import Doc, Span

from .phrases import Grammar
from .words import STOP, Normal

_GROUP = "flags"
REACH = 30
"""Words to each side of a flag that are looked at: keeps a text of any length within its time."""
MODIFIERS = ("negated", "past", "now", "general", "told_elsewhere")


class Context:
    """Finds, for stretches of a normalised text, which modifiers govern them."""

    def __init__(self, rules: Mapping[str, Any], grammar: Grammar) -> None:
        self._nlp: Language = spacy.blank("en")
        self._context = ConText(
            self._nlp, rules=None, span_attrs=None, input_span_type="group", span_group_name=_GROUP
        )
        self._context.add(_rules(rules, grammar))

    def modifiers(self, normal: Normal, stretches: Sequence[tuple[int, int]]) -> list[frozenset[str]]:
        """For each (first word, last word + 1): the names of the modifiers that govern it."""
        found: dict[tuple[int, int], frozenset[str]] = {}
        windows: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for stretch in stretches:
            windows.setdefault(_window(normal, *stretch), []).append(stretch)
        for window, inside in windows.items():
            found.update(self._in_window(normal, window, inside))
        return [found[stretch] for stretch in stretches]

    def _in_window(
        self, normal: Normal, window: tuple[int, int], stretches: Sequence[tuple[int, int]]
    ) -> dict[tuple[int, int], frozenset[str]]:
        start, end = window
        words = [w.text for w in normal.words[start:end]]
        doc = Doc(self._nlp.vocab, words=words, sent_starts=[i == 0 for i in range(len(words))])
        doc.spans[_GROUP] = [Span(doc, first - start, last - start, label="FLAG") for first, last in set(stretches)]
        self._context(doc)
        names: dict[tuple[int, int], set[str]] = {stretch: set() for stretch in stretches}
        for target, modifier in doc._.context_graph.edges:
            names[target.start + start, target.end + start].add(modifier.category.lower())
        return {stretch: frozenset(found) for stretch, found in names.items()}


def _window(normal: Normal, first: int, last: int) -> tuple[int, int]:
    """The sentence around a stretch, at most REACH words to each side."""
    start, end = first, last
    while start > max(0, first - REACH) and normal.words[start - 1].text != STOP:
        start -= 1
    while end < min(len(normal.words), last + REACH) and normal.words[end].text != STOP:
        end += 1
    return start, end


def _rules(rules: Mapping[str, Any], grammar: Grammar) -> list[ConTextRule]:
    out = []
    for name in MODIFIERS:
        settings: dict[str, Any] = {"max_scope": rules[name]["scope"]}
        settings["direction"] = "BIDIRECTIONAL" if rules[name].get("both_ways") else "FORWARD"
        if name == "negated":
            settings["terminated_by"] = {"STOP", "NOW"}
            settings["on_modifies"] = _governs(frozenset(rules[name]["may_stand_between"]), frozenset(rules[name]["or"]))
        out += [_rule(phrase, name, grammar, **settings) for phrase in _phrases(rules[name])]
    for name in ("not_negated", "stop"):
        out += [_rule(phrase, name, grammar, direction="PSEUDO") for phrase in _phrases(rules[name])]
    return out


def _rule(phrase: str, name: str, grammar: Grammar, **settings: Any) -> ConTextRule:
    return ConTextRule(phrase, name, pattern=grammar.compile(phrase).parts[0].pattern, **settings)


def _governs(light: frozenset[str], ors: frozenset[str]) -> Callable[[Span, Span, Span], bool]:
    """A negator governs what stands right behind it, or behind the last "or" of what it lists."""

    def governs(target: Span, modifier: Span, between: Span) -> bool:
        words = [token.text for token in between]
        last_or = max((i for i, word in enumerate(words) if word in ors), default=-1)
        return all(word in light for word in words[last_or + 1 :])

    return governs


def _phrases(rule: Mapping[str, Any]) -> list[str]:
    return [line.strip() for line in rule["phrases"].splitlines() if line.strip()]
