"""The files the assistant learns from, checked for what Rasa's own checks leave out."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.bot.processes import ROOT

GSM_7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""3GPP TS 23.038, the basic table."""
TWO_SEGMENTS = 2 * 153
THREE_UCS2_SEGMENTS = 3 * 67
IN_SPANISH = [{"type": "slot", "name": "language", "value": "es"}]
ON_THE_WEB = [
    {"type": "slot", "name": "language", "value": "en"},
    {"type": "slot", "name": "channel", "value": "web"},
]
SPEAKS_OF_TEXTING = re.compile(r"\b(text|texting|reply NURSE)\b", re.IGNORECASE)
LONGEST_ORG = "The Community Health Center of Springfield"

DOMAIN: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text())
RULES: list[dict[str, Any]] = yaml.safe_load((ROOT / "data/rules.yml").read_text())["rules"]
RESPONSES: dict[str, list[dict[str, Any]]] = DOMAIN["responses"]


def examples() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in sorted((ROOT / "data/nlu").glob("*.yml")):
        for block in yaml.safe_load(file.read_text())["nlu"]:
            lines = block["examples"].strip().splitlines()
            found.setdefault(block["intent"], []).extend(line.removeprefix("- ").strip() for line in lines)
    return found


@pytest.mark.parametrize("name", RESPONSES)
def test_every_fixed_sentence_is_one_variant_a_language_and_short_enough_to_text(name: str) -> None:
    english, *others = RESPONSES[name]
    text = english.get("text", "").replace("{org}", LONGEST_ORG)
    assert set(text) <= GSM_7
    assert len(text) <= TWO_SEGMENTS
    assert "condition" not in english
    on_the_web = [ON_THE_WEB] if SPEAKS_OF_TEXTING.search(text) else []
    assert [one["condition"] for one in others] == ([IN_SPANISH, *on_the_web] if text else [])
    for one in others:
        if one["condition"] == IN_SPANISH:
            assert len(one["text"].replace("{org}", LONGEST_ORG)) <= THREE_UCS2_SEGMENTS
        assert one.get("custom") == english.get("custom")


def test_on_the_web_nobody_is_told_to_text_us() -> None:
    said = [
        one["text"]
        for variants in RESPONSES.values()
        for one in variants
        if one.get("condition") == ON_THE_WEB
    ]
    assert said
    assert [text for text in said if SPEAKS_OF_TEXTING.search(text)] == []


def test_a_sentence_that_a_rule_says_names_its_outcome_and_others_leave_that_to_the_action() -> None:
    said_by_rules = {
        step["action"]
        for rule in RULES
        for step in rule["steps"]
        if step.get("action", "").startswith("utter_")
    }
    assert said_by_rules == {name for name, variants in RESPONSES.items() if "custom" in variants[0]}


def test_every_fixed_sentence_is_used() -> None:
    used = (ROOT / "data/rules.yml").read_text() + "".join(
        file.read_text() for file in Path(ROOT / "actions").glob("*.py")
    )
    assert [name for name in RESPONSES if name not in used] == []


def test_every_intent_always_has_a_rule() -> None:
    always = {rule["steps"][0]["intent"] for rule in RULES if "condition" not in rule}
    assert always == set(DOMAIN["intents"]) | {"nlu_fallback"}


def test_every_intent_has_many_examples_and_no_example_has_two_intents() -> None:
    by_intent = examples()
    assert set(by_intent) == set(DOMAIN["intents"])
    assert {intent: len(lines) for intent, lines in by_intent.items() if len(lines) < 60} == {}
    assert max(by_intent, key=lambda intent: len(by_intent[intent])) == "ask_question"
    counted = Counter(line for lines in by_intent.values() for line in {line.lower() for line in lines})
    assert [line for line, times in counted.items() if times > 1] == []
