"""The approved answers that fit what the patient wrote, for the nurse to put in with one click."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from sqlalchemy.orm import Session

from handoff.content.markdown import plain
from handoff.content.render import render, usual_form
from handoff.context import Context
from handoff.models.case import Case
from handoff.models.conversation import PATIENT, Message

SHOWN = 3
REMEMBERED = 500
"""Cases whose answers are kept at hand, so that a redrawn card does not search again."""


class Fitting:
    """Finds them once for each new message; what is stopped meanwhile is left out."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._found: OrderedDict[tuple[int, int], list[str]] = OrderedDict()

    def __call__(self, session: Session, case: Case) -> list[dict[str, Any]]:
        """`{id, title, text}` of each, the text as the patient would get it."""
        wrote = [one for one in case.conversation.messages(session) if one.author == PATIENT]
        if not wrote:
            return []
        ids = self._ids(case, wrote)
        versions = [self._context.shelf.get(session, id) for id in ids]
        channel = "web" if case.channel == "web" else "sms"
        return [
            {
                "id": one.answer_id,
                "title": f"{one.answer.topic_title}: {one.title}",
                "text": "\n".join(plain(text)) if channel == "web" else text,
            }
            for one in versions
            if one is not None
            for text in [render(one, channel, usual_form(channel), self._context.shelf.facts)]  # type: ignore[arg-type]
        ]

    def _ids(self, case: Case, wrote: list[Message]) -> list[str]:
        key = (case.id, wrote[-1].seq)
        if key not in self._found:
            raised = [one for one in wrote if one.seq <= case.opened_seq][-1:]
            asked = [one.text for one in dict.fromkeys([*raised, *wrote[-2:]])]
            self._found[key] = self._search(asked)
            while len(self._found) > REMEMBERED:
                self._found.popitem(last=False)
        return self._found[key]

    def _search(self, asked: list[str]) -> list[str]:
        hits = [hit for text in asked if text.strip() for hit in self._context.search.find(text).hits]
        best = sorted(hits, key=lambda hit: -hit.score)
        return list(dict.fromkeys(hit.answer_id for hit in best))[:SHOWN]
