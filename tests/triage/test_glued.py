"""Words that were typed without a space between them."""

import pytest

from bot.triage import Triage
from bot.triage.glued import english


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("amdone trying", "am done trying"),
        ("ineed help", "i need help"),
        ("i feel likei am drowning", "i feel like i am drowning"),
        ("imnot ok", "im not ok"),
        ("cantbreathe", "cant breathe"),
        ("mychest hurts", "my chest hurts"),
    ],
)
def test_two_words_are_read_where_two_were_meant(typed: str, meant: str) -> None:
    assert english().loosen(typed) == meant


@pytest.mark.parametrize(
    "word",
    ["itching", "implants", "imbalance", "insecure", "metformin", "todays", "idk", "habit", "inhalers"],
)
def test_a_word_stays_whole(word: str) -> None:
    assert english().loosen(word) == word


def test_phrases_are_found_in_them(triage: Triage) -> None:
    found = triage.assess("icant do this any more iwant to die")
    assert found.acuity == "crisis"
    assert found.evidence[0].span == "iwant to die"
