"""Looking up the answer to a question, a follow-up or a choice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.find_answer import FindAnswer
from tests.actions.turns import SAID, run
from tests.bot.fake_service import ASTHMA, ASTHMA_CAUSES, GOUT, PRESSURE, UNSURE, FakeService, answer, clarify


def test_it_asks_with_the_words_the_topic_and_the_language(service: FakeService) -> None:
    run(FindAnswer, service, topic="gout", language="es")
    assert service.searches() == [{"text": SAID, "about": "gout", "language": "es"}]


def test_an_answer_is_named_and_remembered(service: FakeService) -> None:
    ran = run(FindAnswer, service)
    assert ran.facts["outcome"] == "answered"
    assert ran.replies == [("asthma.overview", 3, "short")]
    assert ran.slots == {"topic": "asthma", "last_answers": ["asthma.overview"], "last_form": "short"}


def test_only_the_best_answer_is_sent_unless_two_were_asked_for(service: FakeService) -> None:
    service.found = answer(ASTHMA, GOUT, PRESSURE)
    assert len(run(FindAnswer, service).replies) == 1
    service.found = answer(ASTHMA, GOUT, PRESSURE, both=True)
    ran = run(FindAnswer, service)
    assert [name for name, _, _ in ran.replies] == ["asthma.overview", "gout.diet"]
    assert ran.slots["last_answers"] == ["asthma.overview", "gout.diet"]


def test_the_web_gets_the_full_form(service: FakeService) -> None:
    ran = run(FindAnswer, service, channel="web")
    assert (ran.replies[0][2], ran.slots["last_form"]) == ("full", "full")


def test_choices_are_offered_best_first_with_their_titles(service: FakeService) -> None:
    service.found = clarify(ASTHMA, GOUT, PRESSURE, ASTHMA_CAUSES)
    ran = run(FindAnswer, service)
    assert (ran.facts["outcome"], ran.response) == ("clarify", "utter_which")
    assert [choice["label"] for choice in ran.facts["choices"]] == [ASTHMA.title, GOUT.title, PRESSURE.title]
    assert [choice["value"] for choice in ran.facts["choices"]] == [
        ASTHMA.answer_id,
        GOUT.answer_id,
        PRESSURE.answer_id,
    ]


def test_the_topic_becomes_that_of_the_choices_only_if_they_share_one(service: FakeService) -> None:
    service.found = clarify(ASTHMA, ASTHMA_CAUSES)
    assert run(FindAnswer, service).slots == {"topic": "asthma"}
    service.found = clarify(ASTHMA, GOUT)
    assert run(FindAnswer, service).slots == {}


def test_a_choice_is_answered_without_a_search(service: FakeService) -> None:
    ran = run(FindAnswer, service, text="2", intent="choose", chosen="gout.diet")
    assert (ran.facts["outcome"], ran.replies) == ("answered", [("gout.diet", 2, "short")])
    assert service.searches() == []


def test_a_choice_that_is_gone_is_said_honestly(service: FakeService) -> None:
    ran = run(FindAnswer, service, intent="choose", chosen="gout.gone")
    assert (ran.facts["outcome"], ran.response) == ("unsure", "utter_withdrawn")


def test_a_pick_without_a_list_asks_nobody(service: FakeService) -> None:
    ran = run(FindAnswer, service, text="2", intent="choose")
    assert (ran.facts["outcome"], ran.response, service.calls) == ("chat", "utter_lost_choice", [])


@pytest.mark.parametrize(("failures", "outcome"), [(0, "unsure"), (1, "ask_nurse"), (4, "ask_nurse")])
def test_not_sure_a_second_time_in_a_row_asks_a_nurse(
    service: FakeService, failures: int, outcome: str
) -> None:
    service.found = UNSURE
    ran = run(FindAnswer, service, failures=failures)
    assert ran.facts["outcome"] == outcome
    assert ran.slots == {}


def test_that_there_is_nothing_for_a_child_is_said(service: FakeService) -> None:
    service.found = replace(UNSURE, for_child=True)
    ran = run(FindAnswer, service)
    assert (ran.facts["outcome"], ran.response) == ("unsure", "utter_not_for_children")


def test_no_words_are_not_searched(service: FakeService) -> None:
    assert run(FindAnswer, service, text="").facts["outcome"] == "unsure"
    assert service.calls == []
