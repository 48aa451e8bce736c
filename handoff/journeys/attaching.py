"""Pictures and voice notes: what a kept message names is fetched, checked and kept, or it is said why not.

The webhook has been acknowledged long before. Only a kind of file that we know and that is what it says it is
is kept (`handoff/media.py`); nothing is shown yet, the nurse reads that it is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from handoff import media
from handoff.context import Context, wake
from handoff.errors import DeliveryError
from handoff.models.attachment import (
    FAILED,
    FETCHING,
    REFUSED,
    STORED,
    WAITING,
    Attachment,
    AttachmentAttempt,
)
from handoff.senders import Fetched
from handoff.wakeups import DESK, MEDIA

TRY_AGAIN_AFTER = (5.0, 30.0, 120.0, 600.0)
"""Seconds after each failure that may pass; then the nurse is told that it failed."""
DIED_AFTER = timedelta(minutes=3)
"""Longer than a source takes at most: whoever was fetching has died."""
NOT_KEPT = "this kind of file is not kept"
NOT_WHAT_IT_SAYS = "it is not what it says it is"

log = structlog.get_logger()


@dataclass(frozen=True)
class Wanted:
    attachment_id: int
    attempt_id: int
    tries: int
    message_id: str
    """The provider's own id of the message it came with."""
    place: int
    url: str
    said_type: str


def fetch_one(context: Context) -> bool:
    """Fetch one that is due, outside any transaction, and write what became of it. Whether there was one."""
    wanted = _claim(context)
    if wanted is None:
        return False
    if not media.may_be_kept(wanted.said_type):
        _settle(context, wanted, REFUSED, why=NOT_KEPT)
        return True
    try:
        url = wanted.url or context.media.address(wanted.message_id, wanted.place)
        fetched = context.media.fetch(url, media.MOST_BYTES)
    except DeliveryError as error:
        log.warning("fetch_failed", attachment=wanted.attachment_id, permanent=error.permanent)
        _failed(context, wanted, error)
    except Exception as error:  # whatever it was, the nurse is told in the end
        log.error("fetch_broke", attachment=wanted.attachment_id, error=type(error).__name__)
        _failed(context, wanted, DeliveryError("it could not be fetched", permanent=False))
    else:
        _keep(context, wanted, fetched)
    return True


def view(one: Attachment) -> dict[str, Any]:
    """As the API and the card show it: what it is, how large, and what became of it."""
    kind = media.KINDS.get(one.kind or "")
    return {
        "what": kind.noun if kind else media.noun(one.said_type),
        "kind": one.kind,
        "size": one.size,
        "state": WAITING if one.state == FETCHING else one.state,
        "why": one.why,
    }


def _claim(context: Context) -> Wanted | None:
    now = context.clock.now()
    with context.database.reading() as session:
        id = Attachment.due(session, now)
    if id is None:
        return None
    with context.transaction() as session:
        one = session.get_one(Attachment, id)
        if not one.claim(session, now, now + DIED_AFTER):
            return None  # another worker was faster
        attempt = AttachmentAttempt(attachment_id=id, started_at=now)
        session.add(attempt)
        session.flush()
        origin = (one.message.origin_id or "").rsplit(":", 1)[-1]
        return Wanted(id, attempt.id, one.tries, origin, one.place, one.url, one.said_type)


def _keep(context: Context, wanted: Wanted, fetched: Fetched) -> None:
    """The kind it was announced as counts most; where none was, what the source says now."""
    announced = wanted.said_type
    said = fetched.content_type if media.plain(announced) in media.UNSAID else announced
    kind = media.kind_of(said, fetched.content)
    if kind is not None:
        _settle(
            context, wanted, STORED, kind=kind, size=len(fetched.content), content=fetched.content, why=None
        )
    else:
        why = NOT_WHAT_IT_SAYS if media.may_be_kept(said) else NOT_KEPT
        _settle(context, wanted, REFUSED, size=len(fetched.content), why=why)


def _failed(context: Context, wanted: Wanted, error: DeliveryError) -> None:
    if error.permanent or wanted.tries > len(TRY_AGAIN_AFTER):
        _settle(context, wanted, FAILED, why=str(error))
        return
    pause = timedelta(seconds=TRY_AGAIN_AFTER[wanted.tries - 1])
    _settle(context, wanted, WAITING, why=str(error), next_at=context.clock.now() + pause)


def _settle(context: Context, wanted: Wanted, state: str, **values: Any) -> None:
    """Write the outcome of this attempt, unless a later one has begun."""
    with context.transaction() as session:
        _end_attempt(session, wanted, state, context)
        session.get_one(Attachment, wanted.attachment_id).end(session, wanted.tries, state=state, **values)
        wake(session, DESK, MEDIA)


def _end_attempt(session: Session, wanted: Wanted, result: str, context: Context) -> None:
    attempt = session.get_one(AttachmentAttempt, wanted.attempt_id)
    attempt.ended_at, attempt.result = context.clock.now(), result
