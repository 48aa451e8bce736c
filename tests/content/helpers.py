"""Small things that tests of answers share."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from handoff.content.files import REVIEW, SeedAnswer, Topic, write_topic
from handoff.content.render import LocalFacts
from handoff.context import Context
from handoff.models import answer as answers
from handoff.models.answer import AnswerVersion, Source, Wording

ASTHMA = "asthma.overview"

FACTS = LocalFacts(
    {
        "org": "Hill Clinic",
        "clinic_phone": "555-0100",
        "after_hours": "555-0101",
        "portal": "https://portal.example.org",
        "emergency": "911",
        "suicide_line": "988",
        "poison_line": "1-800-222-1222",
    },
    "https://hill.example.org",
)

SOUND = Wording(
    title="What hives are",
    sms="Hives are itchy bumps on the skin. They often go away in a day. "
    "Call {emergency} now if you can't breathe well.",
    web="Hives are itchy bumps on the skin.\n\n"
    + " ".join(["They come and go. They do not leave a mark. Cool cloths can help the itch."] * 6)
    + "\n\n### When to get help\n- **Call {emergency} now** if your lips swell or you can't breathe well.",
    questions=(
        "what are hives",
        "itchy bumps that come and go",
        "i woke up with welts all over",
        "are hives an allergy",
        "hives on my arms",
        "whats this itchy rash that moves around",
    ),
    sources=(Source("Hives", "MedlinePlus (NIH)", "https://medlineplus.gov/hives.html", date(2026, 11, 22)),),
    reviewed_on=date(2025, 11, 22),
    review_due=date(2026, 11, 22),
)


def topic(*wordings: tuple[str, Wording], id: str = "hives", title: str = "Hives") -> Topic:
    found = tuple(SeedAnswer(aspect, wording) for aspect, wording in wordings)
    return Topic(id, title, "en", "adult", REVIEW, found)


def folder_with(path: Path, *topics: Topic) -> Path:
    for one in topics:
        write_topic(one, path / f"{one.id}.yml")
    return path


def live(context: Context, id: str = ASTHMA) -> AnswerVersion:
    with context.database.reading() as session:
        version = answers.find(session, id).live
        assert version is not None
        return version


def changed(wording: Wording, sentence: str) -> Wording:
    return replace(wording, web=f"{sentence}\n\n{wording.web}")


def served(context: Context, id: str = ASTHMA) -> AnswerVersion | None:
    with context.database.reading() as session:
        return context.shelf.get(session, id)
