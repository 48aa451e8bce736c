"""The full answers as public pages: to read, to print, to share. No sign-in, nothing about the reader."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from handoff.content.markdown import html
from handoff.context import Context
from handoff.errors import NotFound
from handoff.web.page import page

AnswerId = Annotated[str, Path(pattern=r"^[a-z0-9.-]{1,120}$")]
NOT_SERVED = (
    "This answer is not available at the moment. Please ask us your question again, or ask for a nurse."
)


def router(context: Context) -> APIRouter:
    routes = APIRouter()

    @routes.get("/a/{answer_id}", include_in_schema=False)
    def answer(request: Request, answer_id: AnswerId) -> Response:
        with context.database.reading() as session:
            version = context.shelf.get(session, answer_id)
            if version is None:
                raise NotFound(NOT_SERVED)
            return page(
                request,
                "library/answer.html",
                version=version,
                answer=version.answer,
                text=html(context.shelf.facts.fill(version.web)),
                org=context.settings.org_name,
                emergency=context.country.emergency_number,
                lang=version.answer.language,
            )

    return routes
