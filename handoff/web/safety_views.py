"""Safety copy as the studio shows it: each cell as patients get it, what waits, and what was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from handoff.content.changes import changes
from handoff.content.markdown import html
from handoff.content.render import VARIABLE, sms_size
from handoff.content.safety_check import check
from handoff.context import Context
from handoff.country import Cell
from handoff.journeys.safety_copy import cell_of, changed_or_shipped
from handoff.models.safety_text import LIVE, PROPOSED, RETIRED, SafetyText
from handoff.models.staff import Staff
from handoff.web.words import CHANNEL, LANGUAGE

Row = dict[str, Any]

FAMILY = {
    "medical": "Medical emergency",
    "poison": "Overdose or poison",
    "suicide": "Suicide",
    "danger-to-others": "Danger to others",
    "psychosis": "Psychosis with danger",
    "after-birth": "After birth",
    "sexual-assault": "Sexual assault",
    "child-abuse": "Child abuse",
    "elder-abuse": "Elder abuse",
    "violence": "Violence at home",
    "self-harm": "Self-harm",
    "eating-disorder": "Eating disorder",
}
PERSON = {"self": "the writer's own danger", "other": "somebody else's danger"}
STATUS = {PROPOSED: "waits for another clinician", LIVE: "live", RETIRED: "replaced", "declined": "declined"}


def title(cell: Cell) -> str:
    """Such as `Suicide, the writer's own danger, SMS, English`."""
    family, person, channel, language = cell
    return f"{FAMILY.get(family, family)}, {place(person, channel, language)}"


def place(person: str, channel: str, language: str) -> str:
    return f"{PERSON[person]}, {CHANNEL[channel]}, {LANGUAGE.get(language, language)}"


def by_family(context: Context, session: Session) -> list[Row]:
    """Every cell, family by family, as patients get it now."""
    rows = listed(context, session)
    return [
        {
            "title": FAMILY.get(family, family),
            "texts": texts,
            "waiting": [one for one in texts if one["waiting"]],
        }
        for family, texts in (
            (family, list(group)) for family, group in groupby(rows, lambda row: row["family"])
        )
    ]


def listed(context: Context, session: Session) -> list[Row]:
    standing = SafetyText.standing(session)
    live = {one.cell: one for one in standing if one.status == LIVE}
    proposed = {one.cell: one for one in standing if one.status == PROPOSED}
    cells = [(context.country.copy_id(cell), cell) for cell in context.country.copies]
    return [_row(context, id, cell, live.get(id), proposed.get(id)) for id, cell in cells]


def whole(context: Context, session: Session, id: str) -> Row:
    """One cell with its numbers and all that was ever proposed for it."""
    cell, history = cell_of(context, id), SafetyText.of(session, id)
    live = next((one for one in history if one.status == LIVE), None)
    proposed = next((one for one in history if one.status == PROPOSED), None)
    row = _row(context, id, cell, live, proposed)
    return row | {
        "wording": context.country.copies[cell] if live is None or row["set_aside"] else live.text,
        "shipped": context.country.copies[cell],
        "shipped_version": context.country.version,
        "numbers": {name: number for name, number in context.country.variables.items() if number},
        "history": [change(one) for one in history],
    }


def page(context: Context, session: Session, id: str, me: Staff, again: int | None) -> Row:
    """What one cell's page shows to one person; `again`: a change to propose once more, 0 for the pack's."""
    found = whole(context, session, id)
    cell, waiting = cell_of(context, id), found["waiting"]
    old: dict[int, str] = {0: found["shipped"]} | {one["number"]: one["text"] for one in found["history"]}
    wording: str = old[again] if again is not None and again in old else found["wording"]
    return {
        "one": found,
        "form": {"text": wording, "again": again in old},
        "looks": looks(context, id, wording),
        "review": {
            "looks": looks(context, id, waiting["text"]),
            "changes": changes(found["wording"], waiting["text"]),
            "mine": waiting["proposed_by_id"] == str(me.id),
        }
        if waiting
        else None,
        "names": _names(cell, found["numbers"], found["shipped"]),
    }


def change(one: SafetyText) -> Row:
    return {
        "number": one.number,
        "version": one.version,
        "status": one.status,
        "status_text": STATUS[one.status],
        "text": one.text,
        "reason": one.reason,
        "proposed_by": one.proposed_by,
        "proposed_by_id": one.proposed_by_id,
        "proposed_at": one.proposed_at.isoformat(),
        "decided_by": one.decided_by,
        "decided_at": one.decided_at.isoformat() if one.decided_at else None,
        "declined_because": one.declined_because,
    }


def looks(context: Context, id: str, text: str) -> Row:
    """A text as the patient would see it, its size by SMS, and what the checks say."""
    cell = cell_of(context, id)
    variables = context.country.variables
    shown = VARIABLE.sub(lambda found: variables.get(found[1]) or found[0], text).strip()
    return _as_shown(cell, shown) | {"findings": [asdict(one) for one in check(context.country, cell, text)]}


def _row(context: Context, id: str, cell: Cell, live: SafetyText | None, proposed: SafetyText | None) -> Row:
    family, person, channel, language = cell
    copy = changed_or_shipped(context, context.country.safety_copy(family, person, channel, language), live)
    changed = live is not None and copy.version == live.version
    return {
        "id": id,
        "family": family,
        "person": person,
        "channel": channel,
        "language": language,
        "title": title(cell),
        "place": place(person, channel, language),
        "version": copy.version,
        "origin": f"approved by {live.decided_by}" if live and changed else "shipped with Bedside",
        "set_aside": live is not None and not changed,
        "waiting": change(proposed) if proposed else None,
        **_as_shown(cell, copy.text),
    }


def _as_shown(cell: Cell, text: str) -> Row:
    """SMS: the text and its size. Web: the text and the HTML it becomes."""
    if cell[2] == "web":
        return {"text": text, "html": html(text, heading="h4"), "size": None}
    size = sms_size(text)
    return {"text": text, "html": None, "size": {"segments": size.segments, "encoding": size.encoding}}


def _names(cell: Cell, numbers: Mapping[str, str], shipped: str) -> list[Row]:
    """The numbers a text may name, those first that it must."""
    needed = {"emergency", *VARIABLE.findall(shipped)}
    rows = [{"name": name, "number": number, "needed": name in needed} for name, number in numbers.items()]
    return sorted(rows, key=lambda row: not row["needed"])
