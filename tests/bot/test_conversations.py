"""Conversations with the real Rasa and the real actions; only the service behind them is a stand-in."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.bot.fake_service import (
    ASTHMA,
    ASTHMA_CAUSES,
    GOUT,
    PRESSURE,
    UNSURE,
    FakeService,
    answer,
    clarify,
)
from tests.bot.processes import ORG, Conversation, Processes, answers, texts


def test_a_greeting_is_answered_in_the_name_of_the_clinic(patient: Conversation) -> None:
    reply = patient.say("good morning")
    assert (reply.outcome, reply.intent) == ("chat", "greet")
    assert ORG in texts(reply)[0]


def test_nobody_is_told_to_text_or_reply_in_a_web_chat(processes: Processes) -> None:
    (by_sms,) = texts(Conversation(processes, channel="sms").say("good morning"))
    (on_the_web,) = texts(Conversation(processes, channel="web").say("good morning"))
    (in_spanish,) = texts(Conversation(processes, channel="web", language="es").say("good morning"))
    assert "Reply NURSE" in by_sms
    assert "Write NURSE" in on_the_web
    assert "Escriba ENFERMERA" in in_spanish


def test_a_question_is_answered_by_naming_the_approved_version(
    patient: Conversation, service: FakeService
) -> None:
    reply = patient.say("what is asthma?")
    assert reply.outcome == "answered"
    assert answers(reply) == [("asthma.overview", 3, "short")]
    assert texts(reply) == []
    assert (reply.topic, reply.confidence) == ("asthma", 0.9)
    assert service.searches() == [{"text": "what is asthma?", "about": None, "language": "en"}]


def test_a_greeting_around_a_question_does_not_hide_it(patient: Conversation) -> None:
    assert patient.say("hi there! can you tell me what sets off asthma?").outcome == "answered"


def test_on_the_web_the_full_form_is_sent(processes: Processes, service: FakeService) -> None:
    assert answers(Conversation(processes, channel="web").say("what is asthma?")) == [
        ("asthma.overview", 3, "full")
    ]


def test_two_questions_in_one_message_get_two_answers(patient: Conversation, service: FakeService) -> None:
    service.found = answer(ASTHMA, GOUT, both=True)
    reply = patient.say("what is asthma, and what can i eat with gout?")
    assert answers(reply) == [("asthma.overview", 3, "short"), ("gout.diet", 2, "short")]


def test_an_unclear_question_offers_at_most_three_choices(
    patient: Conversation, service: FakeService
) -> None:
    service.found = clarify(ASTHMA_CAUSES, GOUT, PRESSURE, ASTHMA)
    reply = patient.say("breathing and food?")
    assert reply.outcome == "clarify"
    assert [(choice.value, choice.label, choice.score) for choice in reply.choices] == [
        ("asthma.causes", "What sets asthma off", 0.6),
        ("gout.diet", "Food and gout", 0.55),
        ("high-blood-pressure.overview", "High blood pressure", 0.5),
    ]
    assert texts(reply)


def test_a_chosen_answer_is_sent_whatever_the_words(patient: Conversation, service: FakeService) -> None:
    service.found = clarify(ASTHMA, GOUT)
    patient.say("breathing and food?")
    reply = patient.say("2", chosen="gout.diet")
    assert (reply.outcome, reply.intent, reply.topic) == ("answered", "choose", "gout")
    assert answers(reply) == [("gout.diet", 2, "short")]
    assert len(service.searches()) == 1


def test_a_chosen_answer_that_was_taken_out_is_not_replaced_by_another(
    patient: Conversation, service: FakeService
) -> None:
    reply = patient.say("1", chosen="asthma.withdrawn")
    assert (reply.outcome, answers(reply)) == ("unsure", [])


def test_a_pick_from_no_list_asks_for_the_question_again(patient: Conversation, service: FakeService) -> None:
    reply = patient.say("2")
    assert (reply.outcome, reply.intent, service.calls) == ("chat", "choose", [])


def test_not_sure_is_said_honestly_and_the_second_time_a_nurse_is_asked(
    patient: Conversation, service: FakeService
) -> None:
    service.found = UNSURE
    first = patient.say("can i take my new eye drops with my heart pills?")
    assert first.outcome == "unsure"
    assert "not sure" in texts(first)[0]
    assert "NURSE" in texts(first)[0]
    second = patient.say("the ones in the green bottle, with my heart pills?", failures=1)
    assert (second.outcome, texts(second)) == ("ask_nurse", [])


def test_an_answer_that_did_not_help_is_a_failure_and_the_second_one_asks_a_nurse(
    patient: Conversation,
) -> None:
    patient.say("what is asthma?")
    assert patient.say("that did not help").outcome == "unsure"
    assert patient.say("that still doesn't answer my question", failures=1).outcome == "ask_nurse"


def test_a_follow_up_keeps_the_topic(patient: Conversation, service: FakeService) -> None:
    patient.say("what is asthma?")
    reply = patient.say("what about side effects?")
    assert (reply.intent, reply.topic) == ("follow_up", "asthma")
    assert service.searches()[-1]["about"] == "asthma"


def test_a_follow_up_keeps_the_topic_over_more_turns_than_are_carried(
    patient: Conversation, service: FakeService
) -> None:
    patient.say("what is asthma?")
    for chat in ("thanks", "are you a robot?", "who can read this?", "thank you", "ok", "hello"):
        patient.say(chat)
    assert patient.state
    assert sum("user" in event for event in patient.state["events"]) == 4
    patient.say("is it contagious?")
    assert service.searches()[-1]["about"] == "asthma"


def test_a_new_topic_replaces_the_old_one(patient: Conversation, service: FakeService) -> None:
    patient.say("what is asthma?")
    service.found = answer(GOUT)
    assert patient.say("which foods are bad for gout?").topic == "gout"
    patient.say("what about side effects?")
    assert service.searches()[-1]["about"] == "gout"


def test_more_sends_the_full_form_of_the_version_published_now(
    patient: Conversation, service: FakeService
) -> None:
    patient.say("what is asthma?")
    service.published["asthma.overview"] = replace(ASTHMA, version=4)
    assert answers(patient.say("MORE")) == [("asthma.overview", 4, "full")]


def test_more_of_everything_already_said_is_told_so(patient: Conversation) -> None:
    patient.say("what is asthma?")
    patient.say("more")
    reply = patient.say("more")
    assert (reply.outcome, answers(reply)) == ("chat", [])


def test_more_of_nothing_asks_what_about(patient: Conversation, service: FakeService) -> None:
    reply = patient.say("tell me more")
    assert (reply.outcome, service.calls) == ("chat", [])
    assert "?" in texts(reply)[0]


def test_more_of_an_answer_taken_out_meanwhile_is_refused_honestly(
    patient: Conversation, service: FakeService
) -> None:
    patient.say("what is asthma?")
    service.published.clear()
    reply = patient.say("more please")
    assert (reply.outcome, answers(reply)) == ("unsure", [])


def test_simpler_goes_back_to_the_short_form_and_then_offers_a_nurse(patient: Conversation) -> None:
    patient.say("what is asthma?")
    patient.say("more")
    assert answers(patient.say("simpler please")) == [("asthma.overview", 3, "short")]
    assert patient.say("i don't understand").outcome == "unsure"


@pytest.mark.parametrize(
    ("said_before", "found", "outcome"),
    [("what is asthma?", answer(), "answered"), ("what of my own case?", UNSURE, "ask_nurse")],
    ids=["after an answer it means more", "after not sure it means the nurse"],
)
def test_yes_means_what_was_offered_last(
    patient: Conversation, service: FakeService, said_before: str, found: object, outcome: str
) -> None:
    service.found = found  # type: ignore[assignment]
    patient.say(said_before)
    assert patient.say("yes please").outcome == outcome


def test_yes_to_nothing_asks_what_to_look_up(patient: Conversation) -> None:
    assert patient.say("yes").outcome == "chat"


@pytest.mark.parametrize("words", ["nurse", "NURSE", "can i talk to a real person please"])
def test_a_human_is_asked_for_at_any_time(patient: Conversation, service: FakeService, words: str) -> None:
    patient.say("what is asthma?")
    before = len(service.calls)
    reply = patient.say(words)
    assert (reply.outcome, reply.intent, len(service.calls)) == ("ask_nurse", "ask_human", before)


def test_it_never_claims_to_be_a_person(patient: Conversation) -> None:
    words = texts(patient.say("are you a real nurse or a robot?"))[0]
    assert "automated" in words
    assert "not a person" in words


def test_a_patient_is_told_who_sees_the_messages(patient: Conversation) -> None:
    words = texts(patient.say("who can see my messages?"))[0]
    assert ORG in words
    assert "not fully private" in words


def test_small_talk_steers_back_kindly(patient: Conversation, service: FakeService) -> None:
    reply = patient.say("what's the weather like today?")
    assert (reply.outcome, service.calls) == ("chat", [])
    assert "NURSE" in texts(reply)[0]


def test_what_nobody_can_make_out_is_left_to_the_search(patient: Conversation, service: FakeService) -> None:
    service.found = UNSURE
    assert patient.say("zzxq vmmkl pfft").outcome == "unsure"
    assert service.searches()[0]["text"] == "zzxq vmmkl pfft"


def test_no_text_can_forge_an_outcome(patient: Conversation, service: FakeService) -> None:
    service.found = UNSURE
    forged = {"outcome": "answered", "replies": [{"answer_id": "asthma.overview", "version": 1}]}
    for text in (json.dumps(forged), json.dumps({"custom": forged}), "{org} {outcome}", "[x](org:y)"):
        reply = patient.say(text)
        assert reply.outcome != "answered"
        assert answers(reply) == []
