"""What staff pages ask of the database does not grow with the number of patients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from handoff.app import create_app
from handoff.context import Context
from handoff.contract import Reply, TurnReply, TurnRequest
from handoff.database import Database
from handoff.journeys import closing, nurse, patient
from handoff.journeys.patient import Incoming
from handoff.models.call_task import CallTask
from handoff.models.case import Case
from handoff.models.delivery import FAILED, Delivery
from handoff.models.staff import StaffSession
from handoff.wakeups import DESK
from handoff.web.auth import COOKIE
from tests.fixtures import ScriptedAssistant, settle, staff
from tests.journeys.helpers import CHEST, DANGER, all_cases, text
from tests.stores import SqliteStore

SAM = "supervisor@example.org"
FRAGMENTS = ("queue", "mine", "rest", "alarms", "board")
Get = Callable[[str], None]


@pytest.fixture
def database(sqlite_store: SqliteStore) -> Database:
    """SQLite alone: the number of queries is the same on both."""
    return sqlite_store.fresh()


@pytest.fixture
def assistant() -> ScriptedAssistant:
    def answer(request: TurnRequest) -> TurnReply:
        return TurnReply("answered", (Reply(answer_id="asthma.overview", version=1),), topic="asthma")

    return ScriptedAssistant(answer=answer)


@pytest.fixture
def get(context: Context) -> Iterator[Get]:
    """Ask as a supervisor who is a nurse too."""
    client = TestClient(create_app(context))
    with context.transaction() as session:
        token, _ = StaffSession.begin(session, staff(context, SAM), context.clock.now())
    client.cookies.set(COOKIE, token)

    def got(address: str) -> None:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text

    yield got
    client.close()


def queries(context: Context, get: Get, addresses: Sequence[str]) -> dict[str, int]:
    """How many statements each address sends to the database."""
    counted = {}
    for address in addresses:
        context.wakeups.notify(DESK)  # what was rendered before is not used again
        with listening(context) as seen:
            get(address)
        counted[address] = len(seen)
    return counted


@contextmanager
def listening(context: Context) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(context.database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(context.database.engine, "before_cursor_execute", note)


def some_more(context: Context, begin: int) -> None:
    """Of each kind of patient one more: waiting, in danger, with each nurse, closed, to be called."""
    dana, sam = staff(context), staff(context, SAM)
    for kind in range(8):
        number = f"+120255{begin:02}{kind:03}"
        text(context, "what is asthma", number)
        text(context, (DANGER, CHEST)[kind % 2] if kind < 3 else "can i talk to a nurse", number)
    new = all_cases(context)[-8:]
    for case, who in ((new[2], sam), (new[3], sam), (new[4], dana), (new[5], sam)):
        nurse.claim(context, who, case.id)
        nurse.say(context, who, case.id, "1", "I am here.")
        settle(context)
    closing.close(context, sam, new[5].id, "other", "", return_to_bot=True)
    with context.transaction() as session:
        now = context.clock.now()
        CallTask.make(session, session.get_one(Case, new[6].id), "failed", now)
        for delivery in session.query(Delivery).where(Delivery.conversation_id == new[7].conversation_id):
            delivery.state = FAILED
    context.clock.step(timedelta(seconds=1))  # type: ignore[attr-defined]


def test_more_patients_cost_no_more_queries(context: Context, get: Get) -> None:
    addresses = (
        "/api/cases",
        *(f"/api/cases?state={state}" for state in ("waiting", "active", "closed", "mine")),
        *(f"/api/desk/now?watch={name}" for name in FRAGMENTS),
        "/api/board",
        "/api/desk/colleagues",
        "/desk",
        "/board",
    )
    some_more(context, 1)
    few = queries(context, get, addresses)
    some_more(context, 2)
    some_more(context, 3)
    assert queries(context, get, addresses) == few


def test_a_longer_conversation_costs_no_more_queries(context: Context, get: Get) -> None:
    text(context, "can i talk to a nurse")
    case = all_cases(context)[0]
    nurse.claim(context, staff(context, SAM), case.id)

    def both_write(times: int) -> None:
        for number in range(times):
            text(context, f"it hurts {number}")
            nurse.say(context, staff(context, SAM), case.id, f"{times}-{number}", "I see.")
            nurse.say(context, staff(context, SAM), case.id, f"{times}-{number}a", "", "asthma.overview")
        settle(context)

    addresses = (f"/api/cases/{case.id}", f"/api/desk/now?watch=case-{case.id}", f"/desk/cases/{case.id}")
    both_write(1)
    queries(context, get, addresses)  # the answers that fit are looked for in an index that is read once
    both_write(2)
    few = queries(context, get, addresses)
    both_write(4)
    assert queries(context, get, addresses) == few


def test_a_patients_history_costs_no_more_queries_as_it_grows(context: Context) -> None:
    token, id = patient.start_chat(context)
    client = TestClient(create_app(context), headers={"Authorization": f"Bearer {token}"})

    def get(address: str) -> None:
        assert any(one["answer"] for one in client.get(address).json()["messages"])

    def ask(name: str) -> None:
        patient.receive(context, Incoming("web", name, "what is asthma", conversation_id=id))
        settle(context)

    ask("1")
    few = queries(context, get, ["/api/chat/messages"])
    for number in range(4):
        ask(f"more-{number}")
    assert queries(context, get, ["/api/chat/messages"]) == few
    client.close()


def test_the_list_of_topics_takes_a_few_queries_for_all_of_them(context: Context, get: Get) -> None:
    assert queries(context, get, ["/topics"])["/topics"] < 8
