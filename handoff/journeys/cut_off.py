"""If we get cut off: the number a web patient leaves for a call, and where somebody in danger is right now.

Both are asked once and may be skipped. Where a danger could be read by somebody else (violence) neither is
asked: `asking.NEVER_AFTER` says where.
"""

from __future__ import annotations

import re
from datetime import timedelta

import phonenumbers
from sqlalchemy.orm import Session

from handoff.context import Context, wake
from handoff.journeys.asking import NEVER_AFTER, Asked, ask, can_ask, is_skip
from handoff.journeys.cases import nurses_on_duty
from handoff.models.case import ACTIVE, DANGERS, Case
from handoff.models.contact import Person
from handoff.models.conversation import NUMBER, PLACE, Conversation
from handoff.wakeups import DESK

NUMBER_LASTS = timedelta(hours=1)
PLACE_LASTS = timedelta(minutes=10)
MOST_PLACE = 300
"""Characters."""
CUT_OFF, CALL = "cut_off", "call"
"""What the number is wanted for: in case the chat is lost, or for a call-back that the patient has chosen."""
ASKABLE = ("asked", "judgement", "no_answer", "urgent", "distress", "no_reply", "danger")

_NO = re.compile(r"(?:no+|nope|nah|none|ninguno)\W*", re.IGNORECASE)
_UNKNOWN = re.compile(r"(?:no|(?:i )?(?:do not|don'?t) know|idk|no s[eé])\W*", re.IGNORECASE)
_TEXT_ONLY = re.compile(
    r"text only|only text|no (?:phone )?calls|solo (?:textos|mensajes|escrito)|sin llamadas", re.IGNORECASE
)
_PLACE = re.compile(
    r"\b(?:street|st|avenue|ave|road|rd|drive|lane|blvd|highway|hwy|route|exit|apt|unit|home|house|hotel|school"
    r"|church|park|mall|store|station|parking|hospital|airport|beach|work|office|car|at|near|inside|outside"
    r"|casa|calle|avenida|carretera|escuela|iglesia|parque|tienda|trabajo|oficina|carro|coche|cerca"
    r"|in (?!pain|trouble|danger|shock|labor|a lot)\w+)\b",
    re.IGNORECASE,
)
_SAYS_MORE = re.compile(
    r"\b(?:i|i'?m|he|she|it|they|we|you|my|please|hurry|help|worse|yes|yeah|y|no|ok|is|are|was|not|s[ií]|[eé]l|ella)\b",
    re.IGNORECASE,
)
_A_NAME = re.compile(r"[^\W\d_]{2,}")
SHORT = 6
"""Words; so few, none of which tells of anything, are taken for the name of a place."""


def ask_number(
    session: Session, context: Context, conversation: Conversation, case: Case, wanted_for: str = CUT_OFF
) -> bool:
    """Ask a web patient for a number we may call, unless they have left one. Whether it was asked."""
    known = conversation.channel != "web" or conversation.contact.number is not None
    if known or case.state == ACTIVE or not can_ask(session, context, conversation):
        return False
    once = case.opened_why in ASKABLE and not _was_asked(session, case, "number_asked")
    if wanted_for == CUT_OFF and not once:
        return False
    name = "number_question_call" if wanted_for == CALL else "number_question"
    asked = ask(
        session, context, conversation, case, NUMBER, name, NUMBER_LASTS, options=wanted_for, skippable=True
    )
    if asked:
        case.record(session, "number_asked", context.clock.now())
    return asked


def take_number(asked: Asked) -> bool:
    """Keep a number that can be called, or the wish not to leave one; False for any other message.

    The question stays open meanwhile, since nothing else is taken for a number.
    """
    text = asked.message.text.strip()
    found = number_in(text, asked.context.country.code)
    if found is None and not (is_skip(asked) or _NO.fullmatch(text) or _TEXT_ONLY.search(text)):
        if not _tries_a_number(text):
            return False
        asked.say("number_invalid")
        return True
    asked.session.delete(asked.question)
    asked.session.flush()
    now = asked.context.clock.now()
    if found is not None:
        asked.conversation.contact.call_number = found
        asked.case.record(asked.session, "number_left", now)
    else:
        asked.case.record(asked.session, "number_skipped", now)
        if _TEXT_ONLY.search(text):
            asked.tell(text_only=text)
    wake(asked.session, DESK)
    if asked.question.options != CALL:
        asked.say("number_kept" if found else "number_skipped")
    return True


def number_in(text: str, country: str) -> str | None:
    """The one valid number in E.164 in a text, or None where there is none or more than one."""
    numbers = [match.number for match in phonenumbers.PhoneNumberMatcher(text, country.upper())]
    found = {phonenumbers.format_number(one, phonenumbers.PhoneNumberFormat.E164) for one in numbers}
    return found.pop() if len(found) == 1 else None


def _tries_a_number(text: str) -> bool:
    digits = sum(sign.isdigit() for sign in text)
    return digits >= 5 and digits >= sum(sign.isalpha() for sign in text)


def ask_place(session: Session, context: Context, conversation: Conversation, case: Case) -> None:
    """After the safety question: where are they right now? Once in a case, and only if a nurse is there."""
    held_back = set(case.families) & NEVER_AFTER or case.acuity not in DANGERS or case.state == ACTIVE
    if held_back or not nurses_on_duty(session, context) or _was_asked(session, case, "place_asked"):
        return
    if not can_ask(session, context, conversation):
        return
    person = session.get_one(Person, case.person_id)
    other = person.relation in ("other", "child")
    name = "place_question_other" if other else "place_question"
    if ask(session, context, conversation, case, PLACE, name, PLACE_LASTS, skippable=True):
        case.record(session, "place_asked", context.clock.now())


def take_place(asked: Asked) -> bool:
    """Keep where they are, as they said it; False for a question, which leaves ours open."""
    text = asked.message.text.strip()
    skipped = is_skip(asked) or bool(_UNKNOWN.fullmatch(text))
    if not skipped and not (asked.is_told() and _is_a_place(text)):
        return False
    asked.session.delete(asked.question)
    asked.session.flush()
    now = asked.context.clock.now()
    if not skipped:
        asked.tell(location=text)
    asked.case.record(asked.session, "place_skipped" if skipped else "place_told", now)
    wake(asked.session, DESK)
    asked.case.calmed_at = now
    asked.say("place_skipped" if skipped else "place_kept")
    ask_number(asked.session, asked.context, asked.conversation, asked.case)
    return True


def _is_a_place(text: str) -> bool:
    """An address, a place or a town; a bare "2" may be a second thought on the safety question."""
    if len(text) > MOST_PLACE or not _A_NAME.search(text):
        return False
    return bool(_PLACE.search(text)) or (len(text.split()) <= SHORT and not _SAYS_MORE.search(text))


def _was_asked(session: Session, case: Case, what: str) -> bool:
    return any(event.what == what for event in case.events(session))
