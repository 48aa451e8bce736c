"""Many nurses after one case at the same moment: it has one owner each time, on either database."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import perf_counter
from uuid import uuid4

from sqlalchemy import func, select

from handoff.bench.twins import folder_settings, hire, scripted
from handoff.context import Context
from handoff.errors import Conflict, NotFound
from handoff.journeys import nurse, patient
from handoff.journeys.cases import need_nurse, reason
from handoff.journeys.patient import Incoming
from handoff.models.case import ACTIVE, Case, CaseEvent
from handoff.models.conversation import Conversation
from handoff.models.staff import Staff
from handoff.settings import Settings

NURSES = 50
ROUNDS = 1000


def main() -> int:
    """The database of the settings is left alone unless it is PostgreSQL, where the rows stay."""
    given = Settings.load(demo=True)
    postgresql = {} if given.database_url.startswith("sqlite") else {"database_url": given.database_url}
    with folder_settings(**postgresql) as settings:
        context = scripted(settings)
        started = perf_counter()
        try:
            run = race(context, racers(context), ROUNDS)
        finally:
            context.wakeups.close()
            context.database.close()
    seconds = perf_counter() - started
    print(f"{ROUNDS} rounds of {NURSES} nurses: {run} cases with one owner, {seconds:.0f} s")
    return 0 if run == ROUNDS else 1


def racers(context: Context) -> Sequence[Staff]:
    return hire(context, NURSES, always_on_duty=True, seen_at=context.clock.now(), capacity=100)


def race(context: Context, nurses: Sequence[Staff], rounds: int) -> int:
    """Half of the nurses ask for the next patient, half pick the one case.

    In how many rounds it had one owner, one claim on record, and a clear word for everybody else.
    """
    start = Barrier(len(nurses))
    with ThreadPoolExecutor(len(nurses)) as pool:
        return sum(_one_round(context, nurses, pool, start) for _ in range(rounds))


def _one_round(context: Context, nurses: Sequence[Staff], pool: ThreadPoolExecutor, start: Barrier) -> bool:
    case_id = _open_case(context)

    def run(place: int) -> int | None:
        me = nurses[place]
        start.wait()
        try:
            if place % 2:
                return nurse.claim(context, me, case_id).holder_id
            return nurse.claim_next(context, me).holder_id
        except (Conflict, NotFound):
            return None

    winners = [one for one in pool.map(run, range(len(nurses))) if one is not None]
    with context.transaction() as session:
        case = session.get_one(Case, case_id)
        claims = select(func.count()).where(CaseEvent.case_id == case_id, CaseEvent.what == "claimed")
        won = winners == [case.holder_id] and session.scalar(claims.select_from(CaseEvent)) == 1
        case.move(session, (ACTIVE,), state="closed")
        return won


def _open_case(context: Context) -> int:
    _, conversation_id = patient.start_chat(context)
    patient.receive(context, Incoming("web", uuid4().hex, "help", conversation_id=conversation_id))
    with context.transaction() as session:
        conversation = Conversation.locked(session, conversation_id)
        why = reason("asked", "Asked for a person.")
        return need_nurse(session, context, conversation, "routine", "asked", why)[0].id
