"""Which question a waiting patient's short message answers, and who takes the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from handoff.journeys import cut_off, intake, out_of_hours
from handoff.journeys.asking import Asked
from handoff.models.conversation import AWAY, CALL_TIME, INTAKE, NUMBER, PLACE

TAKERS: Mapping[str, Callable[[Asked], bool]] = {
    NUMBER: out_of_hours.take_number_for_call,
    PLACE: cut_off.take_place,
    AWAY: out_of_hours.take_choice,
    CALL_TIME: out_of_hours.take_time,
    INTAKE: intake.take,
}


def take(asked: Asked) -> bool:
    """Take the message as the answer, if it is one."""
    return TAKERS[asked.question.kind](asked)
