"""What is given to somebody who asks for an answer more simply."""

from __future__ import annotations

from dataclasses import replace

from handoff.content.simple import short_is_plainer
from tests.content.helpers import SOUND

HARD = "Urticaria consists of transient erythematous pruritic elevations of the superficial dermis."


def test_a_short_form_in_easy_words_is_plainer() -> None:
    assert short_is_plainer(SOUND, "en")


def test_one_that_is_hardly_shorter_or_harder_is_not() -> None:
    assert not short_is_plainer(replace(SOUND, web=SOUND.sms), "en")
    assert not short_is_plainer(replace(SOUND, sms=HARD), "en")


def test_spanish_is_measured_as_spanish() -> None:
    easy = replace(
        SOUND, sms="Es una tos. Se va sola. Tome agua.", web="Es una tos. Se va sola. Tome agua. " * 3
    )
    hard = replace(easy, sms="Consideraciones inmunopatológicas extraordinariamente características.")
    assert short_is_plainer(easy, "es")
    assert not short_is_plainer(hard, "es")
