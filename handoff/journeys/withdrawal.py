"""A patient who waits and does not want to any more: "never mind", "I'm ok now, cancel", "ya no hace falta".

Routine cases, and cases of distress that are declined in so many words, are closed and the board shows it. An
urgent case, and one that has been a danger, is recorded and kept: a nurse still looks.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from sqlalchemy.orm import Session

from handoff.context import Context, wake
from handoff.journeys import promises
from handoff.journeys.cases import end_offer
from handoff.journeys.speech import say_line
from handoff.models.call_task import CallTask
from handoff.models.case import CLOSED, WAITING, WITHDRAWN, Case
from handoff.models.conversation import Conversation, OpenQuestion
from handoff.models.offer import OVERTAKEN
from handoff.wakeups import DESK, conversation_topic

MOST = 100
"""Characters; a longer message has more to say."""

_DECLINED = re.compile(
    r"never ?mind|nvm|forget (it|about it)|(please )?cancel( (it|that|this|please))?"
    r"|cancel (a |the |my )?(nurse|call|case|request|help)"
    r"|(i )?(do not|dont|no longer) (need|want)( (a |the |any )?(nurse|help|call|person|one|it))?"
    r"( (any ?more|now))?"
    r"|no need( (any ?more|now|for (a|the) nurse|to (call|answer|reply|write)))?"
    r"|olvidel[oa]|olvidal[oa]|dejel[oa]|dejal[oa]|cancele?(l[oa])?|cancelar|cancela|no hace falta"
    r"|ya no (hace falta|es necesario|importa|quiero|(l[oa] )?necesito)"
    r"( nada| ayuda| (a )?(una|la) enfermera)?"
)
_WELL = re.compile(
    r"(i am|im|i feel|we are|feeling|it is|its|he is|she is) (all |much |totally )?"
    r"(ok|okay|fine|better|good|al ?right|all right|great) (now|again)"
    r"|(all )?good now|all good|ya (estoy|me siento) (bien|mejor)|ya paso"
)
_POLITE = re.compile(
    r"hi|hello|hey|ok|okay|oh|thanks( anyway)?|thank you( anyway)?|thx|sorry|please|actually|anyway"
    r"|though|bye|(muchas )?gracias( de todos modos)?|por favor|perdon|disculpe"
)
_BREAKS = re.compile(r"[.,;!\n]+|\b(?:so|and|but|y|pero)\b")


def declines(text: str) -> bool:
    """Whether the whole message says that no nurse is wanted any more."""
    return _all_of(text, _DECLINED)


def is_well(text: str) -> bool:
    """Whether the whole message says that they are well now, and nothing else."""
    return _all_of(text, _DECLINED, _WELL)


def _all_of(text: str, *meant: re.Pattern[str]) -> bool:
    """Whether each clause is a courtesy or well, and at least one is `meant`."""
    if len(text) > MOST or "?" in text or "¿" in text:
        return False
    bare = unicodedata.normalize("NFKD", text.casefold().replace("’", "'").replace("'", ""))
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    clauses = [clause.strip() for clause in _BREAKS.split(bare) if clause.strip()]
    if not all(any(one.fullmatch(clause) for one in (_DECLINED, _WELL, _POLITE)) for clause in clauses):
        return False
    return any(one.fullmatch(clause) for one in meant for clause in clauses)


def withdraw(session: Session, context: Context, conversation: Conversation, case: Case, text: str) -> None:
    """Take a waiting patient at their word. The caller has checked that they say so and no danger waits."""
    now = context.clock.now()
    was_danger = bool(case.families) or conversation.quiet_at is not None
    if case.acuity == "urgent" or was_danger or (case.acuity == "distress" and not declines(text)):
        case.record(session, "withdrawal_said", now)
        case.calmed_at = now
        say_line(session, context, conversation, "withdrawn_kept")
        wake(session, DESK)
    else:
        _close(session, context, conversation, case, now)


def _close(session: Session, context: Context, conversation: Conversation, case: Case, now: datetime) -> None:
    distress = case.acuity == "distress"
    end_offer(session, case, OVERTAKEN, now)
    case.move(
        session, (WAITING,), state=CLOSED, closed_at=now, disposition=WITHDRAWN,
        lease_until=None, unanswered_since=None,
    )  # fmt: skip
    case.record(session, "withdrawn", now)
    promises.release(session, case, now)
    task = CallTask.open_of(session, case)
    if task is not None:
        task.done_at, task.result = now, WITHDRAWN
    OpenQuestion.drop(session, conversation)
    say_line(session, context, conversation, "withdrawn_distress" if distress else "withdrawn")
    wake(session, DESK, conversation_topic(conversation.id))
