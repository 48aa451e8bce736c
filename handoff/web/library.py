"""The full answers as public pages: to browse, read, print and share. No sign-in."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response
from sqlalchemy.orm import Session

from handoff.content.markdown import html
from handoff.context import Context
from handoff.errors import NotFound
from handoff.languages import written_in
from handoff.models.answer import ASPECTS, AnswerVersion
from handoff.web.page import page

AnswerId = Annotated[str, Path(pattern=r"^[a-z0-9.-]{1,120}$")]
TopicId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,60}$")]
NOT_SERVED = (
    "This answer is not available at the moment. Please ask us your question again, or ask for a nurse."
)
LONGEST_QUESTION = 500
Topics = list[tuple[str, str, list[AnswerVersion]]]


def router(context: Context) -> APIRouter:
    routes = APIRouter()

    def shown(request: Request, template: str, **more: Any) -> Response:
        return page(
            request,
            template,
            org=context.settings.org_name,
            emergency=context.country.emergency_number,
            full=lambda version: html(context.shelf.facts.fill(version.web)),
            **more,
        )

    @routes.get("/topics", include_in_schema=False)
    def topics(request: Request) -> Response:
        with context.database.reading() as session:
            return shown(request, "library/topics.html", topics=by_topic(context, session), found=None)

    @routes.post("/topics", include_in_schema=False)
    def look_up(request: Request, q: Annotated[str, Form(max_length=LONGEST_QUESTION)] = "") -> Response:
        """A question is sent as a form, never as part of an address: addresses are kept and logged."""
        with context.database.reading() as session:
            hits = context.search.find(q, language=written_in(q) or "en").hits
            found = [context.shelf.get(session, hit.answer_id, hit.version) for hit in hits]
            return shown(
                request,
                "library/topics.html",
                topics=by_topic(context, session),
                found=[version for version in found if version],
                question=q,
            )

    @routes.get("/topics/{topic}", include_in_schema=False)
    def topic(request: Request, topic: TopicId) -> Response:
        with context.database.reading() as session:
            for id, title, versions in by_topic(context, session):
                if id == topic:
                    return shown(request, "library/topic.html", title=title, versions=versions)
        raise NotFound("There is nothing on this topic at the moment. Please ask us, or ask for a nurse.")

    @routes.get("/a/{answer_id}", include_in_schema=False)
    def answer(request: Request, answer_id: AnswerId) -> Response:
        with context.database.reading() as session:
            version = context.shelf.get(session, answer_id)
            if version is None:
                raise NotFound(NOT_SERVED)
            return shown(
                request,
                "library/answer.html",
                version=version,
                answer=version.answer,
                lang=version.answer.language,
            )

    return routes


def by_topic(context: Context, session: Session) -> Topics:
    """(id, title, served answers in the order that one asks) of each topic, by title. English only."""
    served = [one for one in context.shelf.served(session) if one.answer.language == "en"]
    served.sort(key=lambda one: (one.answer.topic_title, ASPECTS.index(one.answer.aspect), one.answer_id))
    grouped = groupby(served, key=lambda one: (one.answer.topic, one.answer.topic_title))
    return [(id, title, list(versions)) for (id, title), versions in grouped]
