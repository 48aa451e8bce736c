"""The right answer, one short choice, or an honest "not sure"."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.models.answer import ASPECTS
from handoff.search.rank import WINDOW_WORDS, Ranker
from handoff.search.snapshot import take
from tests.search.helpers import AT, QUESTIONS, asked, best, find, lexicon, vectors, without


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("whats asthma", "asthma.overview"),
        ("can you catch athsma from somebody", "asthma.spread"),
        ("what shouldnt i eat with gout", "gout.diet"),
        ("how do doctors treat depresion", "depression.treatment"),
        ("SIGNS OF GOUT???", "gout.symptoms"),
        ("is asthma dangerous for my baby, i am pregnant", "asthma.pregnancy"),
    ],
)
def test_a_clear_question_is_answered(text: str, answer: str) -> None:
    found = find(text)
    assert (found.decision, best(found)) == ("answer", answer)
    assert 0.5 <= found.confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "what is psoriasis",
        "side effects of lipitor",
        "is shingles contagious",
        "what foods are bad for kidney stones",
        "symptoms of the flu",
        "how is gerd treated",
        "is copd contagious",
        "signs of anxiety",
        "what is bipolar",
        "symptoms of lupus",
    ],
)
def test_a_topic_that_is_not_written_is_never_answered_with_another(text: str) -> None:
    assert find(text).decision == "unsure"


@pytest.mark.parametrize("text", ["what are the symptoms of gout", "what foods are bad for gout"])
def test_what_was_answered_is_unsure_once_its_topic_is_gone(text: str) -> None:
    assert find(text).decision == "answer"
    assert without("gout").find(text).decision == "unsure"


@pytest.mark.parametrize(
    "text",
    [
        "order a large pizza",
        "what's the weather",
        "my wifi is down",
        "ok",
        "thank you so much",
        "where is my parcel",
        "lol",
        "do you sell protein powder",
        "see you at the gym tonight",
    ],
)
def test_what_is_not_about_health_is_not_answered(text: str) -> None:
    assert find(text).decision == "unsure"


def test_a_known_topic_with_an_unclear_question_offers_at_most_three_choices() -> None:
    wide: dict[str, tuple[str, ...]] = {
        f"gout.{side}": (f"gout {side}", f"the {side} of gout") for side in ASPECTS
    }
    found = Ranker(take(asked(wide), lexicon(), vectors()), lexicon(), vectors(), AT).find(
        "my uncle and his gout"
    )
    assert found.decision == "clarify"
    assert len(found.hits) == 3


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("what is amlodipine", "blood-pressure-medicines.medicine"),
        ("what is asthma", "asthma.overview"),
    ],
)
def test_what_is_it_asks_of_a_medicine_what_it_is_for(text: str, answer: str) -> None:
    medicines: dict[str, tuple[str, ...]] = {
        f"blood-pressure-medicines.{side}": (f"{side} of blood pressure medicine",)
        for side in ("overview", "medicine", "outlook", "side-effects")
    }
    answers = asked({**QUESTIONS, **medicines})
    found = Ranker(take(answers, lexicon(), vectors()), lexicon(), vectors(), AT).find(text)
    assert found.hits[0].answer_id == answer


def test_a_second_topic_without_answers_is_not_passed_over() -> None:
    found = find("does lipitor make gout worse")
    assert found.decision != "answer"


def test_two_questions_in_one_message_are_both_answered() -> None:
    found = find("what are the symptoms of asthma and how is depression treated?")
    assert found.both
    assert found.decision == "answer"
    assert [hit.answer_id for hit in found.hits] == ["asthma.symptoms", "depression.treatment"]


def test_one_question_about_two_named_topics_is_answered_for_both() -> None:
    found = find("what are the symptoms of gout and asthma")
    assert (found.decision, found.both) == ("answer", True)
    assert [hit.answer_id for hit in found.hits] == ["gout.symptoms", "asthma.symptoms"]


def test_two_topics_without_two_questions_are_asked_about() -> None:
    found = find("asthma and gout")
    assert found.decision == "clarify"
    assert {hit.topic for hit in found.hits} == {"asthma", "gout"}


@pytest.mark.parametrize(
    ("text", "about", "answer"),
    [
        ("is it contagious", "asthma", "asthma.spread"),
        ("and the side effects?", "asthma", "asthma.side-effects"),
        ("what can i eat", "gout", "gout.diet"),
        ("how is it treated", "depression", "depression.treatment"),
        ("what are the symptoms", "gout", "gout.symptoms"),
    ],
)
def test_a_follow_up_keeps_the_topic(text: str, about: str, answer: str) -> None:
    found = find(text, about)
    assert (found.decision, best(found)) == ("answer", answer)


def test_a_side_named_alone_is_a_side_of_what_the_conversation_is_about() -> None:
    assert best(find("what about when i am pregnant", about="asthma")) == "asthma.pregnancy"
    assert find("what about when i am pregnant").decision == "unsure"
    assert best(find("should i change my diet", about="gout")) == "gout.diet"


def test_a_new_topic_replaces_the_old_one() -> None:
    assert best(find("what are the symptoms of gout", about="asthma")) == "gout.symptoms"


def test_a_topic_named_without_answers_is_not_answered_from_the_old_one() -> None:
    assert find("what are the symptoms of shingles", about="asthma").decision == "unsure"


@pytest.mark.parametrize("text", ["order a pizza", "what time is it in paris", "🙂"])
def test_what_has_nothing_to_do_with_the_topic_is_not_answered_from_it(text: str) -> None:
    assert find(text, about="asthma").decision == "unsure"


def test_a_topic_that_nobody_knows_is_no_help_and_no_harm() -> None:
    assert find("is it contagious", about="no-such-topic").decision != "answer"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_question_is_found_wherever_it_stands_in_a_long_message(place: int) -> None:
    chat = "i went to the shop and then i walked home and met my neighbor and we talked a while. " * 12
    parts = [chat, chat]
    parts.insert(place, "how does gout feel? ")
    text = "".join(parts)
    assert len(text.split()) > 3 * WINDOW_WORDS
    found = find(text)
    assert (found.decision, best(found)) == ("answer", "gout.symptoms")


@pytest.mark.parametrize(
    "text", ["", " ", "🙂🙂", "?!...", "\ud800", "a" * 5000, "asthma " * 900, "<b>'; --"]
)
def test_odd_texts_get_a_definite_result(text: str) -> None:
    assert find(text).decision in ("answer", "clarify", "unsure")


@settings(deadline=None, max_examples=30)
@given(st.text(), st.sampled_from([None, "asthma", "gout"]))
def test_any_text_gets_a_definite_result(text: str, about: str | None) -> None:
    found = find(text, about)
    assert 0 <= found.confidence <= 1
    assert len(found.hits) <= 3
    assert bool(found.hits) == (found.decision != "unsure")
