"""A message comes in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy import text as sql

from handoff.context import Context
from handoff.errors import Invalid
from handoff.journeys import patient
from handoff.journeys.patient import Incoming
from handoff.models.conversation import Conversation, Message
from tests.fixtures import CarefulSender, settle
from tests.journeys.helpers import ALICE, BOB, text, text_only, transcript


def test_it_is_stored_before_anybody_says_it_was_received(context: Context) -> None:
    received = text_only(context, "what is asthma")
    assert transcript(context, received.conversation_id) == [("patient", "what is asthma")]


def test_a_repeat_is_answered_the_same_and_changes_nothing(context: Context) -> None:
    first = text_only(context, "what is asthma", sid="SM1")
    again = text_only(context, "what is asthma", sid="SM1")
    assert (again.conversation_id, again.seq, again.repeated) == (first.conversation_id, first.seq, True)
    assert len(transcript(context, first.conversation_id)) == 1


def test_twenty_at_once_from_one_number_make_one_conversation_numbered_without_gaps(context: Context) -> None:
    with ThreadPoolExecutor(20) as pool:
        received = list(pool.map(lambda n: text_only(context, f"message {n}", sid=f"SM{n}"), range(20)))
    assert len({one.conversation_id for one in received}) == 1
    assert sorted(one.seq for one in received) == list(range(1, 21))


def test_the_same_message_ten_times_at_once_is_one_message(context: Context) -> None:
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: text_only(context, "hello", sid="SM-same"), range(10)))
    with context.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 1


def test_two_numbers_are_two_conversations(context: Context) -> None:
    assert text_only(context, "hi").conversation_id != text_only(context, "hi", BOB).conversation_id


def test_a_web_session_opens_its_own_conversation_only(context: Context) -> None:
    token, id = patient.start_chat(context)
    other_token, other = patient.start_chat(context)
    assert patient.conversation_of(context, token) == id
    assert patient.conversation_of(context, other_token) == other != id


def test_a_message_without_a_sender_is_refused(context: Context) -> None:
    with pytest.raises(Invalid):
        patient.receive(context, Incoming("sms", "SM1", "hi", address=""))


def test_words_and_numbers_lie_encrypted_in_the_database(context: Context) -> None:
    text(context, "my secret worry")
    with context.database.engine.connect() as connection:
        columns = ("text FROM message", "address FROM contact", "found FROM assessment")
        queries = [sql(f"SELECT {column}") for column in columns]
        stored = [one for query in queries for one in connection.execute(query).scalars()]
    assert len(stored) >= 3
    for one in stored:
        raw = bytes(one)
        assert b"secret" not in raw
        assert ALICE.encode() not in raw


@pytest.mark.parametrize(
    "words",
    [
        "",
        "   ",
        "😀",
        "x" * 5000,
        "/restart",
        "/slots{}",
        "<script>alert(1)</script>",
        "'; DROP TABLE message; --",
    ],
)
def test_whatever_a_patient_types_gets_a_reply_and_is_kept(
    context: Context, sender: CarefulSender, words: str
) -> None:
    received = text(context, words)
    assert transcript(context, received.conversation_id)[0] == ("patient", words)
    assert sender.texts(ALICE)


def test_half_a_character_is_kept_as_a_question_mark(context: Context, sender: CarefulSender) -> None:
    received = text(context, "what is \ud83d asthma")
    assert transcript(context, received.conversation_id)[0] == ("patient", "what is ? asthma")
    assert sender.texts(ALICE)


def test_a_picture_without_words_reaches_a_nurse_with_an_honest_line(
    context: Context, sender: CarefulSender
) -> None:
    media = ({"content_type": "image/jpeg", "url": "https://media.example.org/1"},)
    received = text(context, "", media=media)
    with context.database.reading() as session:
        conversation = session.get_one(Conversation, received.conversation_id)
        assert next(iter(conversation.messages(session))).media == [dict(media[0])]
    assert len(sender.texts(ALICE)) == 1


def test_a_message_while_the_previous_is_being_answered_is_answered_too(
    context: Context, sender: CarefulSender
) -> None:
    text_only(context, "first")
    text_only(context, "second")
    settle(context)
    echoed = [one for one in sender.texts(ALICE) if one.startswith("Echo")]
    assert echoed == ["Echo: first", "Echo: second"]
