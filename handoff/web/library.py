"""The full answers as public pages: to browse, read, print and share. No sign-in."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Path, Query, Request, Response
from sqlalchemy.orm import Session

from handoff.content.markdown import html
from handoff.context import Context
from handoff.errors import NotFound
from handoff.languages import written_in
from handoff.models.answer import ASPECTS, AnswerVersion, language_of, translated
from handoff.web.library_words import OTHER, day, review, words
from handoff.web.page import page

AnswerId = Annotated[str, Path(pattern=r"^[a-z0-9.-]{1,120}$")]
TopicId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,60}$")]
Language = Annotated[Literal["en", "es"], Query()]
NOT_SERVED = {
    "en": "This answer is not available at the moment. Please ask your question again, or ask for a nurse.",
    "es": "Esta respuesta no está disponible ahora. Haga otra vez su pregunta o pida una enfermera.",
}
NO_TOPIC = {
    "en": "There is nothing on this topic at the moment. Please ask us, or ask for a nurse.",
    "es": "Ahora no hay nada sobre este tema. Pregúntenos o pida una enfermera, por favor.",
}
LONGEST_QUESTION = 500
Topics = list[tuple[str, str, list[AnswerVersion]]]


def router(context: Context) -> APIRouter:
    routes = APIRouter()

    def shown(request: Request, template: str, language: str, **more: Any) -> Response:
        other = OTHER[language]
        given: dict[str, Any] = {
            "other": f"/topics?lang={other}" if other != "en" else "/topics",
            "twin": False,
            "other_lang": other,
        } | more
        return page(
            request,
            template,
            org=context.settings.org_name,
            emergency=context.country.emergency_number,
            full=lambda version: html(context.shelf.facts.fill(version.web)),
            say=words(language),
            day=lambda moment: day(moment, language),
            lang=language,
            suffix="" if language == "en" else f"?lang={language}",
            **given,
        )

    @routes.get("/topics", include_in_schema=False)
    def topics(request: Request, lang: Language = "en") -> Response:
        with context.database.reading() as session:
            listed = by_topic(context, session, lang)
            return shown(request, "library/topics.html", lang, topics=listed, found=None)

    @routes.post("/topics", include_in_schema=False)
    def look_up(
        request: Request,
        q: Annotated[str, Form(max_length=LONGEST_QUESTION)] = "",
        lang: Language = "en",
    ) -> Response:
        """A question is sent as a form, never as part of an address: addresses are kept and logged."""
        asked_in = "es" if lang == "es" else written_in(q) or "en"
        with context.database.reading() as session:
            hits = context.search.find(q, language=asked_in).hits
            found = [context.shelf.get(session, hit.answer_id, hit.version) for hit in hits]
            return shown(
                request,
                "library/topics.html",
                lang,
                topics=by_topic(context, session, lang),
                found=[version for version in found if version],
                question=q,
            )

    @routes.get("/topics/{topic}", include_in_schema=False)
    def topic(request: Request, topic: TopicId, lang: Language = "en") -> Response:
        with context.database.reading() as session:
            for id, title, versions in by_topic(context, session, lang):
                if id == topic:
                    return shown(request, "library/topic.html", lang, title=title, versions=versions)
        raise NotFound(NO_TOPIC[lang])

    @routes.get("/a/{answer_id}", include_in_schema=False)
    def answer(request: Request, answer_id: AnswerId) -> Response:
        with context.database.reading() as session:
            language = language_of(answer_id) if language_of(answer_id) in OTHER else "en"
            version = context.shelf.get(session, answer_id)
            if version is None:
                raise NotFound(NOT_SERVED[language])
            twin = context.shelf.get(session, translated(answer_id, OTHER[language]))
            return shown(
                request,
                "library/answer.html",
                language,
                version=version,
                answer=version.answer,
                review=review(version.approved_by, version.translator, language) or version.review,
                other=f"/a/{twin.answer_id}" if twin else None,
                twin=True,
            )

    return routes


def by_topic(context: Context, session: Session, language: str = "en") -> Topics:
    """(id, title, served answers in the order that one asks) of each topic, by title, in one language."""
    served = [one for one in context.shelf.served(session) if one.answer.language == language]
    served.sort(key=lambda one: (one.answer.topic_title, ASPECTS.index(one.answer.aspect), one.answer_id))
    grouped = groupby(served, key=lambda one: (one.answer.topic, one.answer.topic_title))
    return [(id, title, list(versions)) for (id, title), versions in grouped]
