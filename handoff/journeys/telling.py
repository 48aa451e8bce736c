"""A human is needed, and the patient is told truly what happens next."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from handoff.context import Context
from handoff.journeys import out_of_hours, waiting
from handoff.journeys.cases import Reason, calm, need_nurse, nurses_on_duty
from handoff.journeys.cut_off import ask_number
from handoff.journeys.speech import say_line
from handoff.models.case import Case
from handoff.models.conversation import Conversation


def hand_off(
    session: Session,
    context: Context,
    conversation: Conversation,
    acuity: str,
    why: str,
    reasons: Sequence[Reason],
    about: str = "unknown",
) -> Case:
    """`need_nurse`, and tell the patient: who comes and how long that usually takes, or truly that nobody is
    there now, until when, and what they may choose. A web patient is asked for a number to call."""
    case, new = need_nurse(session, context, conversation, acuity, why, reasons, about)
    if not new:
        calm(session, context, conversation, case)
        return case
    if nurses_on_duty(session, context):
        say_line(session, context, conversation, "urgent" if acuity == "urgent" else "handoff")
        case.calmed_at = context.clock.now()
        waiting.tell_estimate(session, context, conversation, case)
    else:
        out_of_hours.tell(session, context, conversation, case)
    ask_number(session, context, conversation, case)
    return case
