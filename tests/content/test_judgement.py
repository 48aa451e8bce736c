"""How sure triage is, in words: the same on the nurse's card and in the studio."""

from __future__ import annotations

import pytest

from handoff.web.judgement import how_sure


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (6.0, "well above the line (score 6.0, line 3.0)"),
        (5.0, "well above the line"),
        (4.9, ": above the line"),
        (3.5, ": above the line"),
        (3.4, "just above the line"),
        (3.0, "just above the line (score 3.0, line 3.0)"),
        (2.9, "just below the line"),
        (2.4, ": below the line"),
    ],
)
def test_an_example_is_above_a_line_by_so_much(score: float, words: str) -> None:
    assert words in how_sure("trained.crisis", score, 3.0)


def test_a_rule_fits_or_does_not() -> None:
    assert how_sure("emergency.chest_pain") == "A rule: the words fit it"
    assert how_sure("emergency.chest_pain", 1.0, 3.0) == "A rule: the words fit it"


def test_an_example_whose_score_is_not_known_is_still_named() -> None:
    assert how_sure("trained.crisis") == "An example that it reads like"
