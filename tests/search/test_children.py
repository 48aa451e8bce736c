"""After an adult's answer "and for kids?" gets what is for children, or an honest word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handoff.content.imports import import_topics
from handoff.context import Context
from handoff.contract import Found, Hit
from handoff.search.children import Children, asks_for_child
from tests.content.helpers import SOUND, topic

ADULT = Hit("asthma.medicine", 1, "asthma", "medicine", "Medicines for asthma", 1.0)
SPREAD = Hit("asthma.spread", 1, "asthma", "spread", "Is asthma catching?", 1.0)
FLU = Hit("flu.overview", 1, "flu", "overview", "What flu is", 1.0)
BABY = Hit("newborn-and-child-care.self-care", 1, "newborn-and-child-care", "self-care", "Bathing", 1.0)
CHILD = Hit("asthma.medicine.child", 1, "asthma", "medicine", "Asthma medicines for children", 1.0)
CHILD_ES = replace(CHILD, answer_id="asthma.medicine.es.child")
ANSWERED = Found("answer", 0.9, (ADULT,))


def instead(text: str, found: Found = ANSWERED, *ours: tuple[str, Hit], language: str = "en") -> Found:
    assert asks_for_child(text, "asthma")
    return Children([("en", BABY), *ours]).instead(found, text, "asthma", language)


@pytest.mark.parametrize(
    "text",
    [
        "and for kids?",
        "what about for kids?",
        "kids?",
        "And in children?",
        "is it the same for my son",
        "and my 3 yo son?",
        "and my younger sons",
        "even for a child?",
        "and for my 5 year old?",
        "how about a 6-month-old",
        "can i give it to my child",
        "and the dose for kids",
        "does this apply to toddlers",
        "how about babies",
        "¿y para los niños?",
        "y para mi hija de 3 años",
        "y mi bebé",
    ],
)
@pytest.mark.parametrize("found", [ANSWERED, Found("clarify", 0.4, (ADULT, FLU)), Found("unsure", 0.1)])
def test_an_adults_answer_is_not_given_for_a_child(text: str, found: Found) -> None:
    assert instead(text, found) == Found("unsure", 0.0, for_child=True)


def test_a_childs_answer_is_given_where_there_is_one() -> None:
    assert instead("and for kids?", ANSWERED, ("en", CHILD)).hits == (CHILD,)
    assert instead("¿y para niños?", ANSWERED, ("en", CHILD), language="es").hits == (CHILD,)
    both = (("es", CHILD_ES), ("en", CHILD))
    assert instead("¿y para niños?", ANSWERED, *both, language="es").hits == (CHILD_ES,)
    assert instead("and for kids?", ANSWERED, *both).hits == (CHILD,)


def test_of_several_childs_answers_the_parent_picks() -> None:
    many = [("en", replace(CHILD, aspect=aspect)) for aspect in ("medicine", "diet", "outlook", "tests")]
    found = instead("and for kids?", ANSWERED, *many)
    assert (found.decision, len(found.hits)) == ("clarify", 3)


@pytest.mark.parametrize(
    "text",
    [
        "and for my 80 year old mother",
        "does it hurt my kidneys",
        "y cuales son los sintomas?",
        "i have had it for 5 years",
        "is it safe for the baby when i am pregnant",
        "can it harm my baby",
        "can i still have kids",
        "y el bebé si estoy embarazada",
    ],
)
def test_what_is_not_asked_for_a_child(text: str) -> None:
    assert not asks_for_child(text, "asthma")


@pytest.mark.parametrize("about", ["pregnancy", "breastfeeding", "fertility", "newborn-and-child-care"])
def test_a_baby_is_what_these_topics_are_about(about: str) -> None:
    assert not asks_for_child("and for the baby?", about)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("can my kids get it from me", Found("answer", 0.9, (SPREAD,))),
        ("what is the flu in kids", Found("answer", 0.9, (FLU,))),
        ("how do i bathe my baby", Found("answer", 0.9, (BABY,))),
        ("flu or a cold, my kid", Found("clarify", 0.4, (FLU, BABY))),
        ("my toddler has a diaper rash", Found("clarify", 0.4, (BABY,))),
    ],
)
def test_another_question_stands(text: str, found: Found) -> None:
    assert instead(text, found) == found


def test_what_it_does_to_kids_is_no_question_of_who_gets_it() -> None:
    assert instead("can my kids get it from me").for_child
    assert instead("what about for kids?", Found("answer", 0.9, (SPREAD,))).for_child


def test_a_whole_question_is_answered_whatever_was_said_before(context: Context) -> None:
    text = "what are the symptoms of asthma in children"
    for about in (None, "asthma", "flu"):
        assert context.search.find(text, about).hits[0].answer_id == "asthma.symptoms"


def test_the_search_has_what_is_served_for_children(context: Context) -> None:
    search = context.search
    assert search.find("and for kids?", "asthma").for_child
    assert search.find("¿y para niños?", "asthma", "es").for_child
    wording = replace(SOUND, title="Asthma in your child", questions=("and for kids",))
    ours = replace(topic(("overview", wording), id="asthma", title="Asthma"), audience="child")
    with context.transaction() as session:
        import_topics(session, context.clock, [ours])
    found = search.find("and for kids?", "asthma")
    assert [hit.answer_id for hit in found.hits] == ["asthma.overview.child"]
    assert search.find("what is asthma").hits[0].answer_id == "asthma.overview"
