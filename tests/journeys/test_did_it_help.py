"""Patients are asked sparingly whether an answer helped, and it counts for the version they read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handoff.context import Context
from handoff.contract import Reply, TurnReply
from handoff.journeys import closing, did_it_help, nurse, patient
from handoff.models.answer import find
from handoff.models.contact import Contact
from handoff.models.conversation import Conversation
from handoff.models.helped import Helped
from handoff.web import answer_views
from tests.fixtures import CarefulSender, FakeClock, ScriptedAssistant, staff
from tests.journeys.helpers import ALICE, CHEST, all_cases, conversation, lines, only_case, text, write
from tests.journeys.test_replying import ANSWER, answering

SECOND = "asthma.symptoms"
GRIEF = "my dad died yesterday and i can't stop crying"
BEATEN = "my husband hits me and i am afraid"


@pytest.fixture(autouse=True)
def answers(assistant: ScriptedAssistant) -> None:
    assistant.answer = lambda request: answering(SECOND if "symptoms" in request.text else ANSWER)


def two_answers(context: Context) -> str:
    """A patient who has had two answers; the conversation's id."""
    text(context, "what is asthma")
    return text(context, "and the symptoms?").conversation_id


def counted(context: Context, id: str = SECOND) -> dict[int, dict[bool, int]]:
    with context.database.reading() as session:
        return {number: dict(said) for number, said in Helped.by_version(session, id).items()}


def test_it_is_asked_after_the_second_answer_and_not_beside_the_notice(context: Context) -> None:
    id = text(context, "what is asthma").conversation_id
    assert lines(context, id) == ["notice"]
    text(context, "and the symptoms?")
    assert lines(context, id) == ["notice", "did_help"]


def test_it_is_asked_once_a_day(context: Context, clock: FakeClock) -> None:
    id = two_answers(context)
    text(context, "what is asthma")
    assert lines(context, id).count("did_help") == 1
    clock.step(did_it_help.NOT_AGAIN_WITHIN - timedelta(seconds=1))
    text(context, "and the symptoms?")
    assert lines(context, id).count("did_help") == 1
    clock.step(timedelta(seconds=2))
    text(context, "what is asthma")
    assert lines(context, id).count("did_help") == 2


def test_a_yes_is_thanked_and_counted_for_the_version_that_was_read(
    context: Context, assistant: ScriptedAssistant
) -> None:
    id = two_answers(context)
    text(context, "yes")
    assert lines(context, id)[-1] == "helped"
    assert counted(context) == {1: {True: 1}}
    assert counted(context, ANSWER) == {}
    assert len(assistant.asked) == 2
    text(context, "no")
    assert counted(context) == {1: {True: 1}}


def test_a_no_is_a_failure_and_its_offer_of_a_nurse_is_bound(context: Context) -> None:
    id = two_answers(context)
    text(context, "no")
    assert lines(context, id)[-1] == "helped_not"
    assert counted(context) == {1: {False: 1}}
    assert conversation(context, id).failures == 1
    assert all_cases(context) == []
    text(context, "yes")
    assert only_case(context).opened_why == "asked"


def test_a_second_failure_in_a_row_asks_a_nurse(context: Context, assistant: ScriptedAssistant) -> None:
    id = two_answers(context)
    with context.transaction() as session:
        session.get_one(Conversation, id).failures = 1
    text(context, "not really")
    assert only_case(context).opened_why == "no_answer"
    assert "helped_not" not in lines(context, id)


def test_no_help_in_other_words_is_counted_too(context: Context, assistant: ScriptedAssistant) -> None:
    two_answers(context)
    sorry = (Reply(text="I'm sorry."),)
    assistant.answer = lambda _: TurnReply("unsure", sorry, intent="did_not_help")
    text(context, "this was of no use at all to somebody like us")
    assert counted(context) == {1: {False: 1}}


@pytest.mark.parametrize(
    ("words", "helped"),
    [
        ("YES", True), ("y", True), ("Yes, thank you!", True), ("yes it did", True), ("1", True),
        ("it helped a lot", True), ("sí, gracias", True), ("me sirvió", True),
        ("NO", False), ("nope.", False), ("no it didn't", False), ("that did not help", False),
        ("not really", False), ("2", False), ("no me sirvió", False),
        ("yes please", None), ("no more pills", None), ("yes and what about kids", None), ("12", None),
        ("no idea what to do", None),
    ],
)  # fmt: skip
def test_a_yes_or_no_is_read_as_people_write_it(words: str, helped: bool | None) -> None:
    assert did_it_help.read(words) is helped


def test_any_other_words_are_a_message_as_any_other(context: Context, assistant: ScriptedAssistant) -> None:
    two_answers(context)
    text(context, "yes please, the symptoms in kids")
    assert assistant.asked[-1].text == "yes please, the symptoms in kids"
    text(context, "no")
    assert counted(context) == {}, "the question is gone"


def test_a_danger_instead_of_a_yes_is_a_danger(context: Context) -> None:
    two_answers(context)
    text(context, f"no {CHEST}")
    assert only_case(context).acuity == "emergency"
    assert counted(context) == {}


def test_the_question_expires(context: Context, clock: FakeClock, assistant: ScriptedAssistant) -> None:
    two_answers(context)
    clock.step(did_it_help.LASTS + timedelta(seconds=1))
    text(context, "yes")
    assert counted(context) == {}
    assert assistant.asked[-1].text == "yes"


def test_help_still_gets_the_help_text(context: Context, sender: CarefulSender) -> None:
    id = two_answers(context)
    text(context, "HELP")
    assert lines(context, id)[-1] == "help"


@pytest.mark.parametrize("words", [GRIEF, BEATEN, CHEST])
def test_nobody_is_asked_after_a_loss_abuse_or_a_danger(context: Context, words: str) -> None:
    id = text(context, words).conversation_id
    case = nurse.claim(context, staff(context), only_case(context).id)
    closing.close(context, staff(context), case.id, "other", "spoke with them", True)
    with context.transaction() as session:
        session.query(Contact).one().hushed_at = None
    for more in ("what is asthma", "and the symptoms?", "what is asthma"):
        text(context, more)
    assert "did_help" not in lines(context, id)


def test_nor_while_a_case_is_open_or_something_else_is_asked(
    context: Context, assistant: ScriptedAssistant
) -> None:
    id = text(context, "what is asthma").conversation_id
    text(context, "should i stop taking my lisinopril, what are the symptoms")
    assert lines(context, id)[-1] == "offer_own_case"
    text(context, "NURSE")
    text(context, "what is asthma")
    assert lines(context, id)[-1] == "still_coming"
    assert "did_help" not in lines(context, id)


def test_nor_about_two_answers_at_once(context: Context, assistant: ScriptedAssistant) -> None:
    id = text(context, "what is asthma").conversation_id
    both = tuple(Reply(answer_id=one, version=1) for one in (ANSWER, SECOND))
    assistant.answer = lambda _: TurnReply("answered", both, topic="asthma", intent="ask_question")
    text(context, "what is asthma and what are its symptoms")
    assert "did_help" not in lines(context, id)


def test_on_the_web_yes_and_no_are_buttons(context: Context) -> None:
    _, id = patient.start_chat(context)
    for words in ("what is asthma", "and the symptoms?"):
        write(context, id, words)
    with context.database.reading() as session:
        asked = session.get_one(Conversation, id).messages(session)[-1]
    assert [one["label"] for one in asked.choices] == ["Yes", "No"]
    write(context, id, "2")
    assert counted(context) == {1: {False: 1}}


def test_by_sms_it_is_one_short_line(context: Context, sender: CarefulSender) -> None:
    two_answers(context)
    assert sender.texts(ALICE)[-1] == "Did that help? Reply YES or NO."


def test_the_studio_shows_what_they_said_of_each_answer_and_version(context: Context) -> None:
    two_answers(context)
    text(context, "no")
    with context.database.reading() as session:
        listed = {row["id"]: row["helped"] for row in answer_views.listed(context, session)}
        page = answer_views.answer_page(context, session, find(session, SECOND), staff(context))
    assert (listed[SECOND], listed[ANSWER]) == ({"yes": 0, "no": 1}, {"yes": 0, "no": 0})
    assert page["helped"] == {1: {"yes": 0, "no": 1}}


def test_the_answer_that_did_not_help_comes_again_with_the_offer_of_a_nurse(
    context: Context, assistant: ScriptedAssistant
) -> None:
    id = two_answers(context)
    text(context, "no")
    text(context, "and the symptoms?")
    assert lines(context, id)[-1] == "unsure"
    assert conversation(context, id).failures == 1
    text(context, "what is asthma")
    assert lines(context, id)[-1] == "unsure", "another answer is a new try"
    assert conversation(context, id).failures == 0


def test_yes_to_that_offer_asks_a_nurse(context: Context) -> None:
    two_answers(context)
    for words in ("no", "and the symptoms?", "yes"):
        text(context, words)
    assert only_case(context).opened_why == "asked"
