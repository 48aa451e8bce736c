"""Answers as the studio shows them: as JSON rows, and as what its pages need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.content.changes import compare
from handoff.content.lint import Finding
from handoff.content.markdown import html
from handoff.content.render import LocalFacts, render, sms_full, sms_short, sms_size
from handoff.context import Context
from handoff.contract import Hit
from handoff.errors import NotFound
from handoff.journeys import editor
from handoff.languages import written_in
from handoff.models.answer import PROJECT, Answer, AnswerVersion, Wording
from handoff.models.helped import Counts, Helped
from handoff.models.staff import Staff

Row = dict[str, Any]
A_YEAR = timedelta(days=365)

STATES = {
    "stopped": "Stopped",
    "unapproved": "Live, not yet approved here",
    "waiting": "Waiting for approval here",
    "unset": "Not given: a local fact is missing",
    "live": "Live",
    "none": "Not live",
}
OPEN_STATES = {"draft": "a draft is open", "in_review": "a change waits for approval"}


def state(context: Context, answer: Answer) -> str:
    """How an answer stands with patients, as a key of STATES."""
    if answer.stopped_at:
        return "stopped"
    live = answer.live
    if live is None:
        return "none"
    if context.shelf.facts.missing(live.wording):
        return "unset"
    if not live.approved_by:
        return "unapproved" if context.shelf.demo else "waiting"
    return "live"


def summary(context: Context, answer: Answer) -> Row:
    """One line of the list."""
    newest = answer.live or answer.open
    now = state(context, answer)
    return {
        "id": answer.id,
        "topic": answer.topic,
        "topic_title": answer.topic_title,
        "aspect": answer.aspect,
        "language": answer.language,
        "audience": answer.audience,
        "title": newest.title if newest else answer.id,
        "state": now,
        "state_text": STATES[now],
        "open": answer.open.status if answer.open else None,
        "open_text": OPEN_STATES[answer.open.status] if answer.open else "",
        "version": answer.live.number if answer.live else None,
        "review_due": newest.review_due.isoformat() if newest else None,
        "stopped": _stopped(answer),
        "translation": newest.translation if newest else "",
    }


def listed(context: Context, session: Session) -> list[Row]:
    """Every answer, with what patients said to "did that help?" of all its versions together."""
    query = select(Answer).order_by(Answer.topic, Answer.language, Answer.audience, Answer.aspect)
    said = Helped.by_answer(session)
    return [
        summary(context, answer) | {"helped": yes_and_no(said.get(answer.id))}
        for answer in session.scalars(query)
    ]


def yes_and_no(said: Counts | None) -> dict[str, int]:
    return {"yes": said[True], "no": said[False]} if said else {"yes": 0, "no": 0}


def by_topic(context: Context, session: Session) -> list[Row]:
    """Topics by title, each with its answers and how many of them wait for something.

    A topic's translations stand under its English title.
    """
    found = listed(context, session)
    titles = {row["topic"]: row["topic_title"] for row in reversed(found)}  # English comes first in `found`
    rows = sorted(found, key=lambda row: (titles[row["topic"]].lower(), row["topic"]))
    return [_topic(id, list(group)) for id, group in groupby(rows, key=lambda row: row["topic"])]


def version(one: AnswerVersion) -> Row:
    return {
        "answer_id": one.answer_id,
        "version": one.number,
        "status": one.status,
        "origin": one.origin,
        "author": one.author,
        "made_at": one.made_at.isoformat(),
        "approved_by": one.approved_by,
        "approved_at": one.approved_at.isoformat() if one.approved_at else None,
        "translator": one.translator,
        "note": one.note,
        "title": one.title,
        "sms": one.sms,
        "web": one.web,
        "questions": one.questions,
        "sources": one.source_rows,
        "reviewed_on": one.reviewed_on.isoformat(),
        "review_due": one.review_due.isoformat(),
    }


def whole(context: Context, answer: Answer) -> Row:
    """One answer with its live and its open text, and why it is not served, if it is not."""
    live = answer.live
    return summary(context, answer) | {
        "latest": answer.latest,
        "live": version(live) if live else None,
        "draft": version(answer.open) if answer.open else None,
        "not_served": context.shelf.why_not(live) if live else "It has no published text.",
        "history": [
            {"version": one.number, "status": one.status, "author": one.author} for one in answer.versions
        ],
    }


def found(context: Context, text: str, about: str | None) -> Row:
    """What a patient asking `text` would get: the decision, and the hits with their text on both channels."""
    result = context.search.find(text, about, written_in(text) or "en")
    with context.database.reading() as session:
        hits = [_shown(context, session, hit) for hit in result.hits]
    return {
        "decision": result.decision,
        "confidence": round(result.confidence, 3),
        "both": result.both,
        "hits": [hit for hit in hits if hit],
    }


def looks(context: Context, answer_id: str, wording: Wording) -> Row:
    """A text as patients would see it, and what its message costs."""
    facts = context.shelf.facts
    sent = _sms(wording, answer_id, facts)
    return {
        "sms": sent,
        "sms_size": asdict(sms_size(sent)),
        "more": sms_full(wording, answer_id, facts),
        "web_html": html(facts.fill(wording.web), heading="h4"),
    }


def answer_page(context: Context, session: Session, answer: Answer, me: Staff) -> Row:
    """What the page of one answer shows to one person."""
    newest = answer.open or answer.live or answer.versions[-1]
    return {
        "answer": summary(context, answer),
        "latest": answer.latest,
        "form": version(newest),
        "open": answer.open,
        "live": answer.live,
        "mine": answer.open is not None and answer.open.author_id == str(me.id),
        "confirm": answer.live is not None and not answer.live.approved_by and answer.open is None,
        "changes": compare(answer.live.wording, answer.open.wording) if answer.live and answer.open else {},
        "looks": looks(context, answer.id, newest.wording),
        "findings": by_field(editor.findings(context, answer.id, newest.wording, answer.language)),
        "versions": list(reversed(answer.versions)),
        "helped": {
            number: yes_and_no(said) for number, said in Helped.by_version(session, answer.id).items()
        },
        "project": PROJECT,
    }


def topic_page(context: Context, session: Session, topic: str) -> Row:
    """All live texts of one topic, to be read together by whoever approves them."""
    query = (
        select(Answer).where(Answer.topic == topic).order_by(Answer.language, Answer.audience, Answer.aspect)
    )
    found = list(session.scalars(query))
    if not found:
        raise NotFound("There is no answer on this topic yet.")
    live = [answer.live for answer in found if answer.live]
    return {
        "id": topic,
        "title": found[0].topic_title,
        "texts": [_text(context, one) for one in live],
        "waiting": {one.answer_id: one.number for one in live if not one.approved_by},
    }


def blank_form(context: Context) -> Row:
    today = context.clock.now().date()
    return {
        "title": "",
        "sms": "",
        "web": "",
        "questions": [],
        "sources": [],
        "reviewed_on": today.isoformat(),
        "review_due": (today + A_YEAR).isoformat(),
    }


def by_field(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    placed: dict[str, list[Finding]] = {}
    for finding in findings:
        placed.setdefault(finding.field, []).append(finding)
    return placed


def _text(context: Context, one: AnswerVersion) -> Row:
    return {
        "answer": summary(context, one.answer),
        "version": one,
        "looks": looks(context, one.answer_id, one.wording),
        "findings": editor.findings(context, one.answer_id, one.wording, one.answer.language),
    }


def _topic(id: str, rows: list[Row]) -> Row:
    given = [row for row in rows if row["state"] in ("live", "unapproved")]
    return {
        "id": id,
        "title": rows[0]["topic_title"],
        "answers": rows,
        "given": len(given),
        "unapproved": sum(row["state"] in ("unapproved", "waiting") for row in rows),
        "open": sum(row["open"] is not None for row in rows),
        "stopped": sum(row["state"] == "stopped" for row in rows),
    }


def _shown(context: Context, session: Session, hit: Hit) -> Row | None:
    served = context.shelf.get(session, hit.answer_id, hit.version)
    if served is None:
        return None
    facts = context.shelf.facts
    return asdict(hit) | {
        "topic_title": served.answer.topic_title,
        "text": render(served, "sms", "short", facts),
        "web": render(served, "web", "full", facts),
        "review": served.review,
        "sources": served.source_rows,
    }


def _sms(wording: Wording, answer_id: str, facts: LocalFacts) -> str:
    return sms_short(wording, answer_id, facts)


def _stopped(answer: Answer) -> Row | None:
    if not answer.stopped_at:
        return None
    return {"at": answer.stopped_at.isoformat(), "by": answer.stopped_by, "reason": answer.stopped_reason}
