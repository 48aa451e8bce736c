"""The patient is asked how it was, where that hurts nobody; a number, then a sentence if they like."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handoff.context import Context
from handoff.journeys import cards, closing, nurse, patient, rating
from handoff.journeys.patient import Incoming
from handoff.models.case import Case
from handoff.models.contact import Contact
from handoff.models.conversation import Conversation
from handoff.models.rating import Rating
from handoff.web.board import board
from tests.fixtures import CarefulSender, FakeClock, ScriptedAssistant, settle, staff
from tests.journeys.helpers import DANGER, all_cases, lines, only_case, text

BEATEN = "my husband hits me and i am afraid"
GRIEF = "my dad died yesterday and i can't stop crying"


def helped(
    context: Context, words: str = "NURSE", return_to_bot: bool = True, disposition: str = "education_given"
) -> str:
    """A patient's case, answered by a nurse and closed; the conversation's id."""
    id = text(context, words).conversation_id
    case = nurse.claim(context, staff(context), only_case(context).id)
    nurse.say(context, staff(context), case.id, "m1", "Hello, I am here.")
    closing.close(context, staff(context), case.id, disposition, "spoke with her", return_to_bot)
    settle(context)
    return id


def row(context: Context) -> Rating | None:
    with context.database.reading() as session:
        return Rating.of(session, session.get_one(Case, all_cases(context)[0].id))


def given(context: Context) -> tuple[int | None, str | None]:
    found = row(context)
    assert found is not None
    return found.score, found.said


def test_the_number_is_kept_and_thanked_for_and_the_bot_hears_nothing_of_it(
    context: Context, assistant: ScriptedAssistant
) -> None:
    id = helped(context)
    assert lines(context, id)[-2:] == ["closed_to_bot", "rate"]
    text(context, "5")
    assert given(context) == (5, None)
    assert lines(context, id)[-1] == "rated"
    assert assistant.asked == []


def test_the_sentence_after_the_number_is_kept_encrypted(context: Context) -> None:
    id = helped(context)
    text(context, "4")
    text(context, "The nurse was very kind")
    assert given(context) == (4, "The nurse was very kind")
    assert lines(context, id)[-1] == "rated_sentence"
    with context.database.engine.connect() as connection:
        [raw] = connection.exec_driver_sql("SELECT said FROM rating").scalars()
    assert b"kind" not in bytes(raw)


@pytest.mark.parametrize(
    ("words", "score", "said"),
    [
        ("5!", 5, None),
        (" 3 stars ", 3, None),
        ("4/5", 4, None),
        ("5️⃣", 5, None),
        ("five", 5, None),
        ("Cinco", 5, None),
        ("2, too slow", 2, "too slow"),
        ("5 so kind and quick", 5, "so kind and quick"),
        ("2 days of fever", None, "2 days of fever"),
        ("5 pills today", None, "5 pills today"),
        ("thank you", None, "thank you"),
        ("55", None, "55"),
        ("0", None, "0"),
        ("6", None, "6"),
    ],
)
def test_a_number_is_read_as_people_write_it(words: str, score: int | None, said: str | None) -> None:
    assert rating.read(words) == (score, said)


@pytest.mark.parametrize(
    "words", ["what is asthma", "2 days of fever", "my leg hurts when I walk", "can I take 5?"]
)
@pytest.mark.parametrize("first", [[], ["5"]])
def test_a_question_is_answered_as_any_other(
    context: Context, assistant: ScriptedAssistant, words: str, first: list[str]
) -> None:
    helped(context)
    for one in first:
        text(context, one)
    text(context, words)
    assert given(context) == (5 if first else None, None)
    assert len(assistant.asked) + len(all_cases(context)) == 2  # answered, or a nurse is asked again


def test_a_danger_instead_of_a_number_is_a_danger(context: Context) -> None:
    id = helped(context)
    text(context, f"1 {DANGER}")
    assert any(line.startswith("US.suicide") or "suicide" in line for line in lines(context, id))
    assert given(context) == (None, None)


def test_after_other_words_the_number_still_counts(context: Context) -> None:
    helped(context)
    text(context, "ok thank you")
    text(context, "4")
    assert given(context)[0] == 4


def test_the_question_expires(context: Context, clock: FakeClock, assistant: ScriptedAssistant) -> None:
    helped(context)
    clock.step(rating.LASTS + timedelta(seconds=1))
    text(context, "5")
    assert given(context) == (None, None)
    assert [one.text for one in assistant.asked] == ["5"]


def test_a_sentence_long_after_the_number_is_not_taken_as_one(context: Context, clock: FakeClock) -> None:
    helped(context)
    text(context, "5")
    clock.step(rating.SENTENCE_LASTS + timedelta(seconds=1))
    text(context, "very kind people")
    assert given(context) == (5, None)


def test_a_number_does_not_open_a_case_again_that_the_nurse_kept_from_the_bot(context: Context) -> None:
    helped(context, return_to_bot=False)
    text(context, "5")
    assert given(context)[0] == 5
    assert [one.state for one in all_cases(context)] == ["closed"]


@pytest.mark.parametrize("words", [DANGER, BEATEN, GRIEF])
def test_nobody_is_asked_after_a_crisis_abuse_or_a_loss(context: Context, words: str) -> None:
    id = helped(context, words)
    assert row(context) is None
    assert "rate" not in lines(context, id)


def test_nor_once_the_nurse_has_called_it_routine(context: Context) -> None:
    text(context, DANGER)
    case = nurse.claim(context, staff(context), only_case(context).id)
    nurse.say(context, staff(context), case.id, "m1", "Hello")
    nurse.judge_acuity(context, staff(context), case.id, "routine", "meant as a joke")
    closing.close(context, staff(context), case.id, "other", "a joke", True)
    assert row(context) is None


@pytest.mark.parametrize("field", ["hushed_at", "opted_out_at"])
def test_a_phone_that_is_hushed_or_opted_out_is_never_asked(context: Context, field: str) -> None:
    text(context, "NURSE")
    case = nurse.claim(context, staff(context), only_case(context).id)
    nurse.say(context, staff(context), case.id, "m1", "Hello")
    with context.transaction() as session:
        setattr(session.query(Contact).one(), field, context.clock.now())
    closing.close(context, staff(context), case.id, "other", "", True)
    assert row(context) is None


@pytest.mark.parametrize("disposition", ["sent_to_emergency", "no_answer"])
def test_nobody_is_asked_after_an_end_that_was_none(context: Context, disposition: str) -> None:
    helped(context, disposition=disposition)
    assert row(context) is None


def test_whom_no_nurse_ever_answered_is_not_asked_how_it_was(context: Context) -> None:
    text(context, "NURSE")
    case = nurse.claim(context, staff(context), only_case(context).id)
    closing.close(context, staff(context), case.id, "other", "", True)
    assert row(context) is None


def test_stop_ends_the_question_too(context: Context, sender: CarefulSender) -> None:
    helped(context)
    text(context, "STOP")
    text(context, "5")
    assert given(context) == (None, None)


def test_on_the_web_the_five_are_buttons(context: Context) -> None:
    token, id = patient.start_chat(context)

    def say(words: str, n: int) -> None:
        patient.receive(context, Incoming("web", f"w{n}", words, conversation_id=id))
        settle(context)

    say("NURSE", 1)
    case = nurse.claim(context, staff(context), only_case(context).id)
    nurse.say(context, staff(context), case.id, "m1", "Hello")
    closing.close(context, staff(context), case.id, "education_given", "", True)
    with context.database.reading() as session:
        asked = session.get_one(Conversation, id).messages(session)[-1]
    assert [one["value"] for one in asked.choices] == ["1", "2", "3", "4", "5"]
    say("2", 2)
    assert given(context)[0] == 2
    assert token


def test_the_closed_case_shows_it_and_the_board_counts_it(context: Context) -> None:
    helped(context)
    text(context, "2, too slow")
    with context.database.reading() as session:
        view = cards.case_view(session, context, session.query(Case).one())
    assert (view["rating"]["score"], view["rating"]["said"]) == (2, "too slow")
    counted = board(context)["ratings"]
    assert counted == {"asked": 1, "rated": 1, "average": 2.0, "low": 1}
