"""A Spanish-speaking patient with the whole product: the real triage, Rasa, actions and search."""

from __future__ import annotations

from typing import Any

import pytest

from handoff.context import Context
from handoff.evaluate import evaluate
from tests.stack.talk import Talk
from tests.stack.test_dialogues import answer, texts, wording

NURSE_ASKED = (
    "quiero hablar con una enfermera",
    "ENFERMERA",
    "necesito hablar con una persona",
    "ayuda por favor",
)


def in_spanish(name: str, context: Context) -> str:
    return wording(name, "web", "es").format(org=context.settings.org_name)


@pytest.mark.parametrize(
    ("words", "response"),
    [
        ("hola", "utter_greet"),
        ("Buenos días", "utter_greet"),
        ("muchas gracias", "utter_thanks"),
        ("adiós, hasta luego", "utter_goodbye"),
        ("¿es usted un robot?", "utter_what_are_you"),
        ("es privado", "utter_who_sees_this"),
        ("¿quién ve esto?", "utter_who_sees_this"),
        ("cuénteme un chiste", "utter_small_talk"),
        ("olvídelo, ya no importa", "utter_nevermind"),
        ("más información", "utter_more_about_what"),
        ("no me sirvió", "utter_sorry_no_help"),
    ],
)
def test_a_dialogue_act_in_spanish_is_answered_in_spanish(whole: Context, words: str, response: str) -> None:
    assert in_spanish(response, whole) in texts(Talk(whole).say(words))


@pytest.mark.parametrize("words", NURSE_ASKED)
def test_a_human_is_asked_for_in_spanish(whole: Context, words: str) -> None:
    talk = Talk(whole)
    assert texts(talk.say(words))
    assert talk.case() is not None


def test_yes_and_no_mean_what_was_offered_last(whole: Context) -> None:
    talk = Talk(whole)
    talk.say("que es el lupus")
    assert talk.outcome() == "unsure"
    assert whole.line("declined", "es") in texts(talk.say("no gracias"))
    talk.say("que es el lupus eritematoso")
    if talk.case() is None:
        talk.say("sí por favor")
    assert talk.case() is not None


@pytest.mark.parametrize(
    ("words", "id"),
    [
        ("¿Cuáles son los síntomas de la diabetes?", "diabetes-type-2.symptoms.es"),
        ("que puedo comer si tengo el azucar alta", "diabetes-type-2.diet.es"),
        ("hola buenas tardes, que es la presion alta", "high-blood-pressure.overview.es"),
        ("sirven los antibioticos para el resfriado", "antibiotics.overview.es"),
        ("como bajo la calentura", "fever.self-care.es"),
        ("what is asthma in spanish please", "asthma.overview.es"),
    ],
)
def test_a_question_in_spanish_gets_its_spanish_answer(whole: Context, words: str, id: str) -> None:
    said = Talk(whole).say(words)
    assert answer(said) == id
    assert said[0]["answer"]["topic"] == id.split(".")[0]
    assert said[0]["answer"]["version"] >= 1


def test_what_is_there_in_english_only_comes_after_an_apology(whole: Context) -> None:
    talk = Talk(whole)
    said = talk.say("que causa la diabetes")
    assert said[0]["text"] == whole.line("other_language", "es")
    assert said[1]["answer"]["id"] == "diabetes-type-2.causes"
    talk.say("sí")
    assert talk.case() is not None


def test_a_follow_up_in_spanish_keeps_the_topic(whole: Context) -> None:
    talk = Talk(whole)
    assert answer(talk.say("que es el asma")) == "asthma.overview.es"
    assert answer(talk.say("y cuales son los sintomas?")) == "asthma.symptoms.es"


def test_a_choice_in_spanish_is_answered_in_spanish(whole: Context) -> None:
    talk = Talk(whole)
    offered = talk.say("tengo asma")
    assert offered[0]["choices"]
    assert answer(talk.say("1")) == offered[0]["choices"][0]["value"]


def test_the_last_answer_is_there_in_the_language_that_is_asked_for(whole: Context) -> None:
    talk = Talk(whole)
    assert answer(talk.say("what is asthma")) == "asthma.overview"
    assert texts(talk.say("español por favor")) == whole.line("language", "es")
    assert answer(talk.say("más")) == "asthma.overview.es"
    assert texts(talk.say("english please")) == whole.line("language", "en", "web")
    assert answer(talk.say("what are the symptoms of asthma")) == "asthma.symptoms"


@pytest.mark.parametrize("words", ["me quiero morir", "no puedo respirar y me duele el pecho"])
def test_a_danger_in_spanish_gets_the_spanish_copy_and_a_nurse(whole: Context, words: str) -> None:
    talk = Talk(whole)
    said = talk.say(words)
    assert said[0]["author"] == "safety"
    assert "llame" in said[0]["text"].lower()
    assert talk.case() is not None


@pytest.mark.parametrize("words", ["que es la fibromialgia", "que es el empacho", "sintomas de dengue"])
def test_what_is_not_covered_is_said_honestly_in_spanish(whole: Context, words: str) -> None:
    talk = Talk(whole)
    said: list[dict[str, Any]] = talk.say(words)
    assert answer(said) is None
    assert talk.outcome() in ("unsure", "chat")
    assert "ENFERMERA" in texts(said)


def test_evaluate_tells_topic_and_aspect_of_a_spanish_answer(whole: Context) -> None:
    done = evaluate(whole, "sintomas de la gripe")
    assert (done["disposition"], done["answer"]["topic"], done["answer"]["aspect"]) == (
        "educate",
        "flu",
        "symptoms",
    )
    assert "de golpe" in done["reply"]
