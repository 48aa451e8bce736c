"""The language in which red flags are written."""

from __future__ import annotations

import pytest

from bot.triage.phrases import Grammar, PhraseError

GRAMMAR = Grammar({"arm": "arm | left arm"}, lambda word: word.lower())


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("chest hurts", "my chest hurts bad"),
        ("(want|wish) to die", "i wish to die"),
        ("[my] chest hurts", "chest hurts"),
        ("chest (is|so)* tight", "chest is so so tight"),
        ("chest (is)? tight", "chest tight"),
        ("bleed*", "he is bleeding"),
        ("numb <arm>", "numb left arm"),
        ("took ..2 pills", "took all my pills"),
        ("took # pills", "took 30 pills"),
        ("chest pain & sweat*", "sweating a lot and chest pain"),
    ],
)
def test_a_phrase_is_found(phrase: str, text: str) -> None:
    assert list(GRAMMAR.compile(phrase).find(text))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("want to die", "want to diet"),
        ("took ..2 pills", "took all of my pills"),
        ("took .. pills", "took . pills"),
        ("chest pain & sweat*", "chest pain only"),
        ("numb <arm>", "numb leg"),
    ],
)
def test_a_phrase_is_not_found(phrase: str, text: str) -> None:
    assert not list(GRAMMAR.compile(phrase).find(text))


@pytest.mark.parametrize("phrase", ["(a|b", "a)", "<nothing>", "[a]", ".. a", "(a|)", "a & "])
def test_a_phrase_that_cannot_be_read_says_so(phrase: str) -> None:
    with pytest.raises(PhraseError, match="cannot be read"):
        GRAMMAR.compile(phrase)
