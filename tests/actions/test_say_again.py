"""The last answer in full, in short, and what to do when it did not help."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actions.did_not_help import DidNotHelp
from actions.say_again import SaySimpler, TellMore
from handoff.contract import Hit
from tests.actions.turns import run
from tests.bot.fake_service import ASTHMA, FakeService

LAST: dict[str, Any] = {"last_answers": ["asthma.overview"], "last_form": "short"}
FULL_ON_THE_WEB: dict[str, Any] = {**LAST, "last_form": "full", "channel": "web"}
BOTH: dict[str, Any] = {"last_answers": ["asthma.overview", "gout.diet"], "last_form": "short"}


def test_more_is_the_full_form(service: FakeService) -> None:
    ran = run(TellMore, service, **LAST)
    assert ran.replies == [("asthma.overview", 3, "full")]
    assert ran.slots == {"last_answers": ["asthma.overview"], "last_form": "full"}


def test_more_of_two_answers_is_both_in_full(service: FakeService) -> None:
    assert [name for name, _, _ in run(TellMore, service, **BOTH).replies] == ["asthma.overview", "gout.diet"]


def test_more_of_two_when_one_was_taken_out_is_the_other(service: FakeService) -> None:
    del service.published["asthma.overview"]
    assert run(TellMore, service, **BOTH).replies == [("gout.diet", 2, "full")]


def test_more_when_all_was_said(service: FakeService) -> None:
    ran = run(TellMore, service, last_answers=["asthma.overview"], last_form="full")
    assert (ran.facts["outcome"], ran.response) == ("chat", "utter_no_more")


def test_more_of_nothing(service: FakeService) -> None:
    assert run(TellMore, service).response == "utter_more_about_what"


def test_more_of_what_was_taken_out(service: FakeService) -> None:
    service.published.clear()
    ran = run(TellMore, service, **LAST)
    assert (ran.facts["outcome"], ran.response, ran.slots) == ("unsure", "utter_withdrawn", {})


def test_simpler_after_the_full_form_is_the_short_one(service: FakeService) -> None:
    ran = run(SaySimpler, service, last_answers=["asthma.overview"], last_form="full")
    assert ran.replies == [("asthma.overview", 3, "short")]
    assert ran.slots == {"last_answers": ["asthma.overview"], "last_form": "short"}


def test_on_the_web_simpler_is_the_short_form_where_that_is_plainer(service: FakeService) -> None:
    service.published["asthma.overview"] = replace(ASTHMA, plainer=True)
    ran = run(SaySimpler, service, **FULL_ON_THE_WEB)
    assert ran.replies == [("asthma.overview", 3, "short")]
    again = run(SaySimpler, service, **{**FULL_ON_THE_WEB, **ran.slots})
    assert again.response == "utter_not_simpler"
    more = run(TellMore, service, **{**FULL_ON_THE_WEB, **ran.slots})
    assert more.replies == [("asthma.overview", 3, "full")]


@pytest.mark.parametrize("before", [LAST, FULL_ON_THE_WEB], ids=["sms", "web, where it is not plainer"])
def test_simpler_than_the_simplest_offers_a_nurse(service: FakeService, before: dict[str, Any]) -> None:
    assert run(SaySimpler, service, **before).response == "utter_not_simpler"
    assert run(SaySimpler, service, **{**before, "failures": 1}).facts["outcome"] == "ask_nurse"


def test_simpler_of_nothing(service: FakeService) -> None:
    assert run(SaySimpler, service).response == "utter_simpler_about_what"


@pytest.mark.parametrize(("failures", "outcome"), [(0, "unsure"), (1, "ask_nurse")])
def test_what_did_not_help_twice_goes_to_a_nurse(service: FakeService, failures: int, outcome: str) -> None:
    ran = run(DidNotHelp, service, failures=failures)
    assert (ran.facts["outcome"], service.calls) == (outcome, [])


def test_more_after_the_language_changed_is_the_last_answer_in_the_new_one(service: FakeService) -> None:
    service.published["asthma.overview"] = Hit(
        "asthma.overview.es", 1, "asthma", "overview", "Qué es el asma", 1.0
    )
    ran = run(TellMore, service, last_answers=["asthma.overview"], last_form="full", language="es")
    assert ran.replies == [("asthma.overview.es", 1, "full")]
    assert ran.slots == {"last_answers": ["asthma.overview.es"], "last_form": "full"}
    assert service.calls[-1][1] == {"answer_id": "asthma.overview", "language": "es"}
