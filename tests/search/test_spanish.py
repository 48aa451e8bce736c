"""Spanish questions find Spanish answers by what they name and ask; the rest is asked about or left alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from handoff.content.files import SEEDS, read_folder
from handoff.contract import Found
from handoff.search.snapshot import Asked, Entry
from handoff.search.spanish import SpanishRanker
from handoff.search.spanish_words import SpanishWords, sound

SPANISH: dict[str, tuple[str, ...]] = {
    "asthma.overview": ("qué es el asma", "informacion sobre el asma", "explíqueme el asma"),
    "asthma.symptoms": ("síntomas de asma", "cómo sé si tengo asma", "señales de asma"),
    "flu.treatment": ("que es bueno para la gripe", "como se quita la gripe", "tratamiento para la gripe"),
    "pregnancy.diet": ("que puedo comer embarazada", "dieta para el embarazo", "puedo tomar cafe embarazada"),
}
ENGLISH = (
    "asthma.causes",
    "asthma.overview",
    "gout.diet",
    "flu.symptoms",
    "common-cold.self-care",
    "asthma.pregnancy",
)


def asked(ids: dict[str, tuple[str, ...]], language: str) -> list[Asked]:
    end = "" if language == "en" else f".{language}"
    return [
        Asked(Entry(f"{id}{end}", 1, *id.split("."), title=id), language, some)  # type: ignore[misc]
        for id, some in ids.items()
    ]


@cache
def words() -> SpanishWords:
    return SpanishWords()


@cache
def ranker() -> SpanishRanker:
    return SpanishRanker(asked(SPANISH, "es"), asked(dict.fromkeys(ENGLISH, ("x",)), "en"), words())


def find(text: str, about: str | None = None) -> Found:
    return ranker().find(text, about)


def answered(text: str, about: str | None = None) -> str | None:
    found = find(text, about)
    return found.hits[0].answer_id if found.decision == "answer" else None


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("cuales son los sintomas del asma", "asthma.symptoms.es"),
        ("¿Cuáles son los síntomas del asma?", "asthma.symptoms.es"),
        ("k es el asma", "asthma.overview.es"),
        ("sintomas de hasma", "asthma.symptoms.es"),
        ("sintonas de asma", "asthma.symptoms.es"),
        ("symptoms de asthma", "asthma.symptoms.es"),
        ("tratamiento para la gripe", "flu.treatment.es"),
        ("que puede comer una embarasada", "pregnancy.diet.es"),
        ("dieta para el embaraso", "pregnancy.diet.es"),
        ("que no debo comer si tengo gota", "gout.diet"),
        ("que causa el asma", "asthma.causes"),
        ("asma en el embarazo", "asthma.pregnancy"),
    ],
)
def test_a_named_topic_and_a_said_aspect_are_answered(text: str, id: str) -> None:
    assert answered(text) == id


@pytest.mark.parametrize("text", ["asma", "tengo asma", "gripa", "que causa la gripa y el asma"])
def test_what_is_unclear_is_asked_about(text: str) -> None:
    assert find(text).decision == "clarify"
    assert len(find(text).hits) <= 3


@pytest.mark.parametrize(
    "text",
    [
        "que es el lupus", "sintomas de lupus", "presion baja que hago", "quiero hacer una cita", "hola", "",
        "😀", "cuando abre la clinica", "como se dice en ingles", "x" * 5000,
    ],
)  # fmt: skip
def test_what_is_not_covered_is_not_answered(text: str) -> None:
    assert find(text).decision == "unsure"


def test_a_name_of_no_topic_beside_a_known_one_is_never_answered_outright() -> None:
    assert find("sintomas de asma y lupus").decision == "clarify"


def test_a_follow_up_stays_with_the_topic_only_if_it_says_what_it_asks() -> None:
    assert answered("y cuales son los sintomas", "asthma") == "asthma.symptoms.es"
    assert answered("que lo causa", "asthma") == "asthma.causes"
    assert find("no se que decirle", "asthma").decision == "unsure"
    assert find("y los sintomas", "no-such-topic").decision == "unsure"


def test_an_answer_in_english_only_is_offered_under_a_spanish_name() -> None:
    titles = {hit.answer_id: hit.title for hit in find("gota").hits}
    assert titles == {"gout.diet": "Gota: comida (inglés)"}


def test_an_english_twin_of_a_spanish_answer_is_never_found() -> None:
    assert "asthma.overview" not in {hit.answer_id for hit in find("asma").hits}


@pytest.mark.parametrize(
    ("one", "other"),
    [("azucar", "asucar"), ("vacuna", "bacuna"), ("hacer", "aser"), ("quiero", "kiero"),
     ("presion", "precion"), ("infecciones", "infeccion"), ("vacunas", "vacuna"), ("llagas", "yagas")],
)  # fmt: skip
def test_what_sounds_alike_is_alike(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_an_unknown_word_is_mended_only_if_one_known_word_is_near() -> None:
    for slip in ("tratamento", "tratamineto", "tratamientto"):
        assert words().words(slip) == words().words("tratamiento")
    assert words().words("tratameto") != words().words("tratamiento")
    assert words().words("zzzzzzz") == (sound("zzzzzzz"),)


@cache
def shipped() -> tuple[SpanishRanker, set[str]]:
    """The ranker on all shipped answers, and which of them ("topic.aspect") are there in Spanish."""
    topics = read_folder(SEEDS)
    each = [
        Asked(
            Entry(topic.answer_id(one), 1, topic.id, one.aspect, one.wording.title),
            topic.language,
            (*one.wording.questions, f"{one.wording.title} {topic.title}"),
        )
        for topic in topics
        for one in topic.answers
    ]
    spanish = [one for one in each if one.language == "es"]
    names = {f"{one.entry.topic}.{one.entry.aspect}" for one in spanish}
    return SpanishRanker(spanish, [one for one in each if one.language == "en"], words()), names


def test_the_measured_questions_are_answered_rightly_and_none_wrongly() -> None:
    """Floors under docs/decisions/0017, on questions that stand in no example."""
    ranker, spanish = shipped()
    lines = (Path(__file__).parent / "spanish_questions.txt").read_text("utf8").splitlines()
    rows = [line.split(" | ") for line in lines if line and not line.startswith("#")]
    right = {"es": 0, "en": 0, "none": 0}
    all_of = dict(right)
    wrong = []
    for wanted, question in rows:
        found = ranker.find(question)
        names = [f"{hit.topic}.{hit.aspect}" for hit in found.hits]
        kind = "none" if wanted == "none" else "es" if set(wanted.split("/")) & spanish else "en"
        all_of[kind] += 1
        if found.decision == "answer" and names[0] not in wanted.split("/"):
            wrong.append((question, names[0]))
        right[kind] += found.decision == ("unsure" if kind == "none" else "answer")
    assert wrong == []
    assert right["es"] / all_of["es"] >= 0.9
    assert right["en"] / all_of["en"] >= 0.9
    assert right["none"] / all_of["none"] >= 0.75


def test_no_measured_question_is_an_example_question() -> None:
    examples = {
        q.lower()
        for topic in read_folder(SEEDS / "es")
        for one in topic.answers
        for q in one.wording.questions
    }
    lines = (Path(__file__).parent / "spanish_questions.txt").read_text("utf8").splitlines()
    assert [line for line in lines if line.split(" | ")[-1].lower() in examples] == []


def test_forty_answers_are_there_in_spanish() -> None:
    assert len(shipped()[1]) == 40
