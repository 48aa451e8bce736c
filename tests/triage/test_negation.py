"""Denied findings raise nothing, and no negator that stands near a true flag takes it away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.triage import Triage
from bot.triage.data import read
from bot.triage.flags import FlagMatcher
from tests.triage.conftest import sentences

NEAR = sentences("negators_near_true_flags")
HARMLESS = sentences("denied_past_general")
DANGERS = ("emergency", "crisis")


@pytest.mark.parametrize(("acuity", "said"), NEAR)
def test_a_negator_near_a_true_flag_takes_nothing_away(triage: Triage, acuity: str, said: str) -> None:
    assert triage.assess(said).acuity in (DANGERS if acuity == "emergency" else ("crisis",))


@pytest.mark.parametrize(("slice_", "said"), HARMLESS)
def test_what_is_denied_past_general_or_figurative_is_no_danger(
    triage: Triage, slice_: str, said: str
) -> None:
    found = triage.assess(said)
    assert found.acuity not in DANGERS, found.evidence


def test_there_are_at_least_150_sentences_with_a_negator() -> None:
    assert len(NEAR) >= 150


def test_without_the_negation_layer_denied_findings_raise_alarms(triage: Triage) -> None:
    class Deaf:
        def modifiers(self, normal: object, stretches: list[tuple[int, int]]) -> list[frozenset[str]]:
            return [frozenset() for _ in stretches]

    deaf = Triage(replace(triage.knowledge, context=Deaf()))  # type: ignore[arg-type]
    alarms = [said for _, said in HARMLESS if deaf.assess(said).acuity in DANGERS]
    assert len(alarms) >= 10


@pytest.mark.parametrize("family", sorted({f.family for f in read().matcher.flags if f.family}))
def test_without_a_family_of_red_flags_true_dangers_are_lost(triage: Triage, family: str) -> None:
    flags = [flag for flag in triage.knowledge.matcher.flags if flag.family != family]
    unread = replace(triage.knowledge.readings, levels=dict.fromkeys(triage.knowledge.readings.levels, ()))
    less = Triage(replace(triage.knowledge, matcher=FlagMatcher(flags), readings=unread))
    known = [said for what, said in sentences("families") if what == family]
    assert len(known) >= 5
    for said in known:
        assert family in triage.assess(said).families
        assert family not in less.assess(said).families
