"""Opt-out words and what only looks like them."""

from __future__ import annotations

import pytest

from bot.triage.keywords import keyword


@pytest.mark.parametrize(
    "said",
    [
        "STOP",
        "stop.",
        "Stop!",
        "STOPALL",
        "unsubscribe",
        "CANCEL",
        "END",
        "quit",
        "REVOKE",
        "optout",
        "alto",
        "no más",
        "please stop texting me",
        "stop sending me these messages",
        "dont text me anymore",
        "remove me from your list",
        "I want to unsubscribe",
        "ya no me manden mensajes",
        "no quiero recibir más mensajes",
        "take me off this list",
    ],
)
def test_words_that_opt_out(said: str) -> None:
    assert keyword(said) == "stop"


@pytest.mark.parametrize("said", ["START", "Yes", "unstop", "sí", "start texting me again"])
def test_words_that_opt_in(said: str) -> None:
    assert keyword(said) == "start"


@pytest.mark.parametrize("said", ["HELP", "info", "Ayuda"])
def test_words_that_ask_what_this_is(said: str) -> None:
    assert keyword(said) == "help"


@pytest.mark.parametrize(
    "said",
    [
        "make it stop",
        "STOP this pain",
        "help me",
        "please help me",
        "stop the bleeding",
        "i cant stop",
        "can i stop metformin",
        "end it",
        "the end",
        "cancel my appointment",
        "how do i quit smoking",
        "",
        "   ",
        "x" * 5000,
        "when will it stop",
        "no",
    ],
)
def test_what_only_looks_like_a_keyword(said: str) -> None:
    assert keyword(said) is None
