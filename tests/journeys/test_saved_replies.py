"""Saved replies: shipped once, filled in for one case, changed by one at a time."""

from __future__ import annotations

import pytest
import yaml

from handoff.clock import Clock
from handoff.content.render import sms_size
from handoff.context import Context
from handoff.errors import Conflict, Invalid, NotFound
from handoff.journeys import facts, nurse, saved_replies
from handoff.models.case import Case
from handoff.models.saved_reply import SavedReply
from tests.fixtures import staff
from tests.journeys.helpers import only_case, text

VALUES = {"nurse": "Dana", "org": "the clinic", "patient": "", "clinic_phone": "", "emergency": "911"}
SAM = "supervisor@example.org"
SHIPPED = yaml.safe_load(saved_replies.SHIPPED.read_text("utf8"))


def kept(context: Context) -> list[SavedReply]:
    with context.database.reading() as session:
        return list(SavedReply.kept(session))


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ("Hello {patient}, I am {nurse}.", "Hello, I am Dana."),
        ("Are you there, {patient}?", "Are you there?"),
        ("Call {emergency}.", "Call 911."),
        ("Call {clinic_phone}.", None),
    ],
)
def test_a_reply_is_filled_in_and_left_out_where_a_fact_is_missing(given: str, filled: str | None) -> None:
    assert saved_replies.fill(given, VALUES) == filled


def test_the_patients_name_is_used_once_it_is_known(context: Context) -> None:
    text(context, "NURSE")
    id = nurse.claim(context, staff(context), only_case(context).id).id
    facts.correct(context, staff(context), id, {"name": "Rosa"})
    with context.database.reading() as session:
        rows = saved_replies.for_case(session, context, session.get_one(Case, id), staff(context))
    greeting = next(row for row in rows if row["title"] == "Greeting")
    assert greeting["text"].startswith("Hello Rosa, this is Nurse Dana at ")
    assert rows[0]["language"] == "en"
    assert not any("{" in row["text"] for row in rows)


def test_a_spanish_patient_gets_the_spanish_ones_first(context: Context) -> None:
    text(context, "NURSE")
    id = nurse.claim(context, staff(context), only_case(context).id).id
    facts.correct(context, staff(context), id, {"language": "es"})
    with context.database.reading() as session:
        rows = saved_replies.for_case(session, context, session.get_one(Case, id), staff(context))
    languages = [row["language"] for row in rows]
    assert languages == sorted(languages, reverse=True)
    assert languages[0] == "es"


def test_what_a_clinic_changed_or_removed_is_not_shipped_again(context: Context) -> None:
    first, second = kept(context)[:2]
    saved_replies.save(
        context, staff(context, SAM), first.id, 1, first.title, first.language, "Our own words."
    )
    saved_replies.remove(context, staff(context, SAM), second.id, 1)
    with context.transaction() as session:
        saved_replies.ship(session, Clock())
    now = {one.id: one.text for one in kept(context)}
    assert now[first.id] == "Our own words."
    assert second.id not in now


def test_of_two_who_change_a_reply_the_slower_is_told(context: Context) -> None:
    one = kept(context)[0]
    saved_replies.save(context, staff(context, SAM), one.id, 1, one.title, one.language, "Faster.")
    with pytest.raises(Conflict):
        saved_replies.save(context, staff(context, SAM), one.id, 1, one.title, one.language, "Slower.")
    with pytest.raises(Conflict):
        saved_replies.remove(context, staff(context, SAM), one.id, 1)
    assert {reply.text for reply in kept(context) if reply.id == one.id} == {"Faster."}


@pytest.mark.parametrize(
    ("title", "language", "words"),
    [
        ("", "en", "Hello"),
        ("x" * 81, "en", "Hello"),
        ("Name", "xx", "Hello"),
        ("Name", "en", " "),
        ("Name", "en", "x" * 1001),
        ("Name", "en", "Hello {mother}"),
    ],
)
def test_a_reply_that_cannot_be_kept_is_refused(
    context: Context, title: str, language: str, words: str
) -> None:
    before = len(kept(context))
    with pytest.raises(Invalid):
        saved_replies.save(context, staff(context, SAM), None, 0, title, language, words)
    assert len(kept(context)) == before


def test_a_reply_that_is_not_there_is_told_as_such(context: Context) -> None:
    with pytest.raises(NotFound):
        saved_replies.remove(context, staff(context, SAM), 9999, 1)


@pytest.mark.parametrize("key", SHIPPED)
def test_a_shipped_reply_fits_into_two_cheap_texts_and_speaks_both_languages(key: str) -> None:
    assert set(SHIPPED[key]["text"]) == {"en", "es"}
    for language, words in SHIPPED[key]["text"].items():
        size = sms_size(words)
        assert size.segments <= 2, (key, language)
        assert language != "en" or size.encoding == "GSM-7"
        assert not set(saved_replies._VARIABLE.findall(words)) - set(saved_replies.VARIABLES)
