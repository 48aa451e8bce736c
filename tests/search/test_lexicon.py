"""What patients call things is recognised, misspelt or not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.content.files import SEEDS
from handoff.errors import Invalid
from handoff.models.answer import ASPECTS
from handoff.search.lexicon import FOLDER, Lexicon
from tests.search.helpers import lexicon


def named(text: str) -> set[str]:
    return set(lexicon().read(text).named)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("what is athsma", "asthma"),
        ("my SUGAR is high", "diabetes-type-2"),
        ("side effects of my water pill", "blood-pressure-medicines"),
        ("is Lipitor safe", "cholesterol-medicines"),
        ("can i take tylonol", "pain-relievers"),
        ("on the pill and bleeding", "birth-control"),
        ("prego with twins", "pregnancy"),
        ("high-blood-pressure", "high-blood-pressure"),
        ("blood pressure medicine", "blood-pressure-medicines"),
        ("how long do headaches last", "headache-and-migraine"),
        ("ECZEMA!!!", "eczema-and-rashes"),
        ("gonorhea test", "sexually-transmitted-infections"),
        ("my sugar keeps dropping at night", "low-blood-sugar"),
        ("what is a holter monitor", "atrial-fibrillation"),
        ("does gabapentin make you sleepy", "pain-relievers"),
        ("is scabies contagious", "eczema-and-rashes"),
        ("whooping cough in adults", "cough-and-bronchitis"),
        ("i keep passing out", "dizziness"),
        ("ra flare what to do", "rheumatoid-arthritis"),
        ("having fits again", "epilepsy"),
        ("how much is zepbound", "obesity-and-weight"),
        ("took the wrong pill", "using-medicines-safely"),
        ("my pressure was 180/120", "high-blood-pressure"),
        ("side effects of adviar", "inhalers"),
        ("peptobismal for kids", "stomach-flu-and-diarrhea"),
    ],
)
def test_lay_names_brands_and_misspellings_mean_their_topic(text: str, topic: str) -> None:
    assert topic in named(text)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("blood pressure pills", "blood-pressure-medicines"),
        ("what is a stress test", "coronary-artery-disease"),
        ("how do i strain my urine", "kidney-stones"),
        ("is the nicotine patch safe", "quit-smoking"),
        ("carotid ultrasound", "stroke"),
        ("can i cut my pills", "using-medicines-safely"),
        ("colonoscopy prep", "cancer-screening"),
    ],
)
def test_the_longest_name_wins(text: str, topic: str) -> None:
    assert named(text) == {topic}


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("arthritis in my knee", {"osteoarthritis", "rheumatoid-arthritis"}),
        ("do i need the flu shot", {"flu", "vaccines"}),
        ("is flomax safe", {"kidney-stones", "mens-health"}),
        ("hooked on pain pills", {"pain-relievers", "opioids"}),
        ("how do i get rid of hives", {"allergies", "eczema-and-rashes"}),
    ],
)
def test_a_name_of_two_topics_means_either(text: str, topics: set[str]) -> None:
    assert set(lexicon().read(text).mentions[0].topics) == topics


@pytest.mark.parametrize(
    "text",
    ["what if it fits", "how do i prep for it", "who calls the shots", "the car burns a lot of oil"],
)
def test_everyday_words_mean_no_topic(text: str) -> None:
    assert not named(text)


@pytest.mark.parametrize("wrong", ["pnumonia", "pneumona", "diabtees", "migrane", "hypertnsion"])
def test_a_name_one_slip_away_is_mended(wrong: str) -> None:
    assert lexicon().read(wrong).text != wrong


@pytest.mark.parametrize("word", ["broken", "contest", "pains", "strong", "heating", "patience"])
def test_a_real_word_is_never_mended_into_a_name(word: str) -> None:
    assert lexicon().read(word).text == word


@pytest.mark.parametrize("text", ["what is lupus", "is my lyrica safe", "alzheimer's in my mom"])
def test_what_no_topic_covers_is_known_as_such(text: str) -> None:
    assert [mention.topics for mention in lexicon().read(text).mentions] == [()]


def test_no_name_is_of_a_topic_and_of_none() -> None:
    for names in yaml.safe_load((FOLDER / "elsewhere.yml").read_text(encoding="utf-8")).values():
        for name in names:
            assert named(name) == set(), name


def test_no_misspelling_is_a_name_too() -> None:
    topics = yaml.safe_load((FOLDER / "topics.yml").read_text(encoding="utf-8")).values()
    names = {name for topic in topics for name in topic["names"]}
    assert not names & {wrong for topic in topics for wrong in topic.get("misspelt", {})}


def test_what_no_topic_covers_is_near_the_general_answers_when_it_is_a_medicine() -> None:
    assert lexicon().read("is my lyrica safe").near == {"using-medicines-safely"}
    assert lexicon().read("what is lupus").near == set()


def test_names_become_titles_in_one_form_and_it_in_the_other() -> None:
    reading = lexicon().read("Does metformin cause diarrhea?")
    assert "diabetes medicines" in reading.canonical
    assert reading.bare == "does it cause it?"


def test_pregnancy_beside_a_topic_is_a_side_of_it_and_alone_a_topic() -> None:
    beside = lexicon().read("asthma while pregnant")
    assert [mention.topics for mention in beside.mentions] == [("asthma",)]
    assert [mention.topics for mention in beside.sides] == [("pregnancy",)]
    assert "pregnancy" in beside.aspects
    assert named("i am pregnant") == {"pregnancy"}


def test_a_name_that_stands_for_itself_is_no_side() -> None:
    assert named("my asthma and a pregnancy test") == {"asthma", "pregnancy"}


@pytest.mark.parametrize(
    ("text", "aspect"),
    [
        ("is it contagious", "spread"),
        ("side effects", "side-effects"),
        ("how much does it cost", "cost-access"),
        ("what can i eat", "diet"),
        ("when should i call 911", "when-to-get-help"),
    ],
)
def test_words_lean_to_their_aspect(text: str, aspect: str) -> None:
    assert aspect in lexicon().read(text).aspects


def test_every_topic_with_answers_is_known_and_what_they_point_to_exists() -> None:
    titles = lexicon().titles
    assert {path.stem for path in SEEDS.glob("*.yml")} <= set(titles)
    assert len(titles) == 87
    assert set(lexicon().treats) | set(lexicon().treats.values()) <= set(titles)
    assert set(lexicon()._sides.values()) <= set(ASPECTS)


@settings(deadline=None)
@given(st.text(st.characters()))
def test_any_text_can_be_read(text: str) -> None:
    reading = lexicon().read(text)
    assert reading.text.encode() is not None  # it can be read, and what was read can be stored


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("topics.yml", "asthma: {title: Asthma, names: [no]}", "asthma: should be a list of texts"),
        ("topics.yml", "asthma: {names: [asthma]}", "should have a title"),
        ("topics.yml", "- asthma", "should hold one entry a name"),
        ("elsewhere.yml", "medicines: [12]", "medicines: should be a list of texts"),
        ("aspects.yml", "spread: contagious", "spread: should be a list of texts"),
        ("asks.yml", "medicine: {colour: [is it red]}", "there is no aspect colour"),
        ("asks.yml", "medicine: {risk: [is it bad]}", "should have both condition and medicine"),
    ],
)
def test_a_broken_lexicon_says_where(tmp_path: Path, file: str, text: str, says: str) -> None:
    for name in ("topics.yml", "elsewhere.yml", "aspects.yml", "asks.yml", "out_of_scope.yml"):
        (tmp_path / name).write_text((FOLDER / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(Invalid, match=says):
        Lexicon(tmp_path)
