"""Saved replies: shipped, changed, removed, and filled in for one case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from handoff import audit
from handoff.clock import Clock
from handoff.context import Context
from handoff.errors import Invalid
from handoff.models.case import Case
from handoff.models.contact import Person
from handoff.models.saved_reply import SavedReply
from handoff.models.staff import Staff
from handoff.models.upsert import insert_if_new
from handoff.yaml_file import read_yaml

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "replies.yml"
LONGEST_TITLE, LONGEST_TEXT = 80, 1000
VARIABLES = ("patient", "nurse", "org", "clinic_phone", "after_hours", "portal", "emergency")
_VARIABLE = re.compile(r"\{(\w+)\}")
_UNKNOWN_PATIENT = re.compile(r",?\s*\{patient\}")


def ship(session: Session, clock: Clock, file: Path = SHIPPED) -> None:
    """Put in the replies shipped with Bedside, once: a clinic's own wording, or its removal, stays."""
    for key, one in read_yaml(file).items():
        for language, text in one["text"].items():
            insert_if_new(
                session, SavedReply, key=f"{key}.{language}", title=one["title"], language=language,
                text=text.strip(), version=1, changed_at=clock.now(),
            )  # fmt: skip


def save(
    context: Context, staff: Staff, id: int | None, version: int, title: str, language: str, text: str
) -> SavedReply:
    """Add a reply (no `id`) or change one, if it still has this version."""
    _check(context, title, language, text)
    now = context.clock.now()
    values: dict[str, Any] = {
        "title": title.strip(),
        "language": language,
        "text": text.strip(),
        "changed_at": now,
        "changed_by": staff.id,
    }
    with context.transaction() as session:
        if id is None:
            reply = SavedReply(version=1, **values)
            session.add(reply)
            session.flush()
        else:
            reply = SavedReply.find(session, id)
            reply.change(session, version, **values)
        session.refresh(reply)  # with whoever changed it
        audit.record(session, staff.email, "reply.save", f"reply {reply.id}", now)
        return reply


def remove(context: Context, staff: Staff, id: int, version: int) -> None:
    now = context.clock.now()
    with context.transaction() as session:
        SavedReply.find(session, id).change(session, version, removed_at=now, changed_by=staff.id)
        audit.record(session, staff.email, "reply.remove", f"reply {id}", now)


def for_case(session: Session, context: Context, case: Case, nurse: Staff) -> list[dict[str, Any]]:
    """The replies with this case's values in them, those in the patient's language first.

    One that names a local fact which is not set here is left out.
    """
    person = session.get(Person, case.person_id) if case.person_id else None
    name = str(person.told(case.id).get("name", "")) if person else ""
    values = {**context.shelf.facts.variables, "nurse": nurse.name, "patient": name}
    language = case.conversation.contact.language
    filled = [(one, fill(one.text, values)) for one in SavedReply.kept(session)]
    rows = [
        {"id": one.id, "title": one.title, "language": one.language, "text": text}
        for one, text in filled
        if text is not None
    ]
    return sorted(rows, key=lambda row: row["language"] != language)


def fill(text: str, values: Mapping[str, str]) -> str | None:
    """The text with its variables filled in; None when one has no value.

    A patient whose name we do not know is simply not named: "Hello {patient}, …" becomes "Hello, …".
    """
    if not values.get("patient"):
        text = _UNKNOWN_PATIENT.sub("", text).strip()
    if any(not values.get(name) for name in _VARIABLE.findall(text)):
        return None
    return _VARIABLE.sub(lambda found: values[found[1]], text)


def _check(context: Context, title: str, language: str, text: str) -> None:
    if not title.strip() or len(title) > LONGEST_TITLE:
        raise Invalid(f"Give it a name of at most {LONGEST_TITLE} characters.", field="title")
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise Invalid(f"Write the reply, at most {LONGEST_TEXT} characters.", field="text")
    if language not in context.country.languages:
        raise Invalid(f"Choose one of {', '.join(context.country.languages)}.", field="language")
    unknown = sorted(set(_VARIABLE.findall(text)) - set(VARIABLES))
    if unknown:
        raise Invalid(f"{{{unknown[0]}}} is not known here. Use: {', '.join(VARIABLES)}.", field="text")
