"""The line above a case: whom it is about and what they told us. A nurse fills it in and corrects it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from handoff import audit
from handoff.context import Context
from handoff.errors import Conflict, Invalid
from handoff.journeys.holding import held, show_change
from handoff.models.case import Case
from handoff.models.contact import FACTS, RELATIONS, Person
from handoff.models.staff import Staff

LONGEST_FACT = 300
YES_NO = ("text_only", "safe_to_contact")


def correct(context: Context, nurse: Staff, case_id: int, given: Mapping[str, str]) -> Case:
    """Set these facts (and `relation`, `language`); an empty one is "not asked" again. Each is an event.

    Whether it is safe to contact the patient also decides about automatic messages.
    """
    _check(context, given)
    now = context.clock.now()
    with context.transaction() as session:
        case = held(session, case_id, nurse)
        person = _person(session, case, given.get("relation"))
        changed = []
        for name, value in given.items():
            former = _change(case, person, name, value.strip(), now)
            if former is not None:
                changed.append((name, former, value.strip()))
        for name, former, value in changed:
            case.record(session, "fact", now, nurse, f"{name}: {value or '-'}; before: {former or '-'}")
        if changed:
            audit.record(session, nurse.email, "case.facts", f"case {case.id}", now)
            show_change(session, case)
        return case


def confirm_person(context: Context, nurse: Staff, case_id: int) -> Case:
    """The patient is the one of the earlier cases, a nurse has asked: what they told then is shown."""
    now = context.clock.now()
    with context.transaction() as session:
        case = held(session, case_id, nurse)
        person = session.get(Person, case.person_id) if case.person_id else None
        if person is None or person.relation == "unknown":
            raise Conflict("Say first whom this case is about.")
        person.confirmed_by = nurse.id
        case.record(session, "person_confirmed", now, nurse)
        audit.record(session, nurse.email, "case.person", f"case {case.id}", now)
        show_change(session, case)
        return case


def _person(session: Session, case: Case, relation: str | None) -> Person:
    """Whom the case is about, or is from now on; what this case told comes along."""
    former = session.get(Person, case.person_id) if case.person_id else None
    if former is not None and relation in (None, former.relation):
        return former
    person = Person.of(session, case.conversation.contact, relation or "unknown")
    if former is not None:
        for name, value in former.told(case.id).items():
            person.tell(name, value, case.id)
    return person


def _change(case: Case, person: Person, name: str, value: str, now: datetime) -> str | None:
    """Make the change; what stood there before, or None when it is the same."""
    if name == "relation":
        if case.person_id == person.id:
            return None
        case.person_id = person.id
        return "another"
    if name == "language":
        contact = case.conversation.contact
        former, contact.language = contact.language, value
        return former if former != value else None
    former = str(person.told(case.id).get(name, ""))
    if former == value:
        return None
    person.tell(name, value, case.id)
    if name == "safe_to_contact" and value:
        case.conversation.contact.hushed_at = now if value == "no" else None
    return former


def _check(context: Context, given: Mapping[str, str]) -> None:
    for name, value in given.items():
        if name not in (*FACTS, "relation", "language"):
            raise Invalid("There is no such field.", field="facts")
        if len(value) > LONGEST_FACT:
            raise Invalid(f"At most {LONGEST_FACT} characters, please.", field=name)
        if name in YES_NO and value not in ("", "yes", "no"):
            raise Invalid("Say yes or no.", field=name)
    if given.get("relation", "self") not in RELATIONS:
        raise Invalid(f"Choose one of {', '.join(RELATIONS)}.", field="relation")
    if given.get("language", context.country.languages[0]) not in context.country.languages:
        raise Invalid(f"Choose one of {', '.join(context.country.languages)}.", field="language")
