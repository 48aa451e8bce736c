"""An unkept promise alarms at the desk, on the board and with supervisors, until a human has done it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from handoff.context import Context
from handoff.journeys import calling, nurse
from handoff.journeys.promises import break_promises, page_supervisors
from handoff.models.case import Case, Page, Promise
from handoff.web.alarms import alarms_fragment
from handoff.web.board import board
from tests.fixtures import CarefulSender, FakeClock, settle, staff
from tests.journeys.helpers import (
    ALICE,
    bring_a_nurse,
    events,
    lines,
    only_case,
    open_hours,
    promises,
    send_everybody_home,
    text,
)

SUPERVISOR = "supervisor@example.org"


@pytest.fixture(autouse=True)
def promised(context: Context, clock: FakeClock) -> None:
    """A patient was promised an answer by 8:30 on Tuesday; it is 8:31, and nurses are there."""
    open_hours(context, "mon-fri 08:00-17:00")
    send_everybody_home(context)
    clock.step(timedelta(hours=10))
    text(context, "NURSE")
    clock.step(timedelta(hours=12, minutes=31))
    bring_a_nurse(context)


def pages(context: Context) -> list[tuple[str, bool]]:
    """(kind, for a promise) of all."""
    with context.database.reading() as session:
        found = session.scalars(select(Page).order_by(Page.id))
        return [(one.kind, one.promise_id is not None) for one in found]


def alarming(context: Context) -> int:
    with context.database.reading() as session:
        return len(Promise.alarming(session))


def supervisor_comes(context: Context) -> None:
    nurse.board_heartbeat(context, staff(context, SUPERVISOR))


def test_it_is_broken_once_and_the_patient_hears_it(context: Context, sender: CarefulSender) -> None:
    break_promises(context)
    break_promises(context)
    assert [one.state for one in promises(context)] == ["broken"]
    assert events(context).count("promise_broken") == 1
    settle(context)
    assert sender.texts(ALICE)[-1].startswith("We are sorry: no nurse has written by the time we told you.")


def test_before_its_time_it_is_not_broken(context: Context, clock: FakeClock) -> None:
    clock.step(-timedelta(minutes=2))
    break_promises(context)
    assert [one.state for one in promises(context)] == ["open"]


def test_it_rings_at_the_desk_and_pages_each_supervisor_once(context: Context) -> None:
    break_promises(context)
    assert pages(context) == [("desk", True)]
    page_supervisors(context)
    assert pages(context) == [("desk", True)]  # nobody is there yet
    supervisor_comes(context)
    page_supervisors(context)
    page_supervisors(context)
    assert pages(context) == [("desk", True), ("supervisor", True)]


def test_desk_and_board_show_it(context: Context) -> None:
    break_promises(context)
    supervisor_comes(context)
    page_supervisors(context)
    case = only_case(context)
    at_desk = alarms_fragment(context, staff(context))
    assert "Promises not kept" in at_desk
    assert f"promise:{case.id}:1:desk" in at_desk
    at_board = alarms_fragment(context, staff(context, SUPERVISOR))
    assert f"promise:{case.id}:2:page" in at_board
    assert 'data-acknowledge="2"' in at_board
    shown = board(context)
    assert shown["promises"]["broken"] == 1
    assert [one["for_promise"] for one in shown["pages"]] == [True, True]


def test_an_acknowledgement_quiets_the_page_but_it_is_still_owed(context: Context) -> None:
    break_promises(context)
    supervisor_comes(context)
    page_supervisors(context)
    nurse.acknowledge_page(context, staff(context, SUPERVISOR), 2)
    assert "data-acknowledge" not in alarms_fragment(context, staff(context, SUPERVISOR))
    assert alarming(context) == 1


def test_a_nurses_message_ends_it_and_it_stays_broken_in_the_books(context: Context) -> None:
    break_promises(context)
    dana = staff(context)
    case = nurse.claim(context, dana, only_case(context).id)
    assert alarming(context) == 1  # a claim is no answer
    nurse.say(context, dana, case.id, "m1", "Good morning")
    assert alarming(context) == 0
    assert [one.state for one in promises(context)] == ["broken"]
    assert "Promises not kept" not in alarms_fragment(context, dana)


def test_a_message_after_the_time_is_late_even_before_the_clock_has_looked(context: Context) -> None:
    dana = staff(context)
    case = nurse.claim(context, dana, only_case(context).id)
    nurse.say(context, dana, case.id, "m1", "Good morning")
    break_promises(context)
    assert [one.state for one in promises(context)] == ["broken"]
    assert (alarming(context), pages(context)) == (0, [])


def test_only_a_call_ends_a_broken_promise_of_a_call(context: Context, clock: FakeClock) -> None:
    with context.transaction() as session:
        session.execute(update(Promise).values(call_at=clock.now() - timedelta(minutes=31)))
    calling.ask_for_calls(context)
    break_promises(context)
    assert lines(context, only_case(context).conversation_id)[-1] == "promise_late_call"
    dana = staff(context)
    case = nurse.claim(context, dana, only_case(context).id)
    nurse.say(context, dana, case.id, "m1", "Good morning")
    assert alarming(context) == 1
    calling.log_call(context, dana, case.id, "reached", "")
    assert alarming(context) == 0


def test_it_is_no_alarm_of_the_ladder(context: Context) -> None:
    """A danger that comes later starts its own rounds; the promise's page is none of them."""
    break_promises(context)
    text(context, "crushing chest pain and i can't breathe")
    with context.database.reading() as session:
        case = session.get_one(Case, only_case(context).id)
        assert [page.rung for page in Page.of_alarm(session, case)] == [0]


def test_in_danger_no_line_speaks_of_a_broken_promise(context: Context) -> None:
    text(context, "crushing chest pain and i can't breathe")
    break_promises(context)
    assert "promise_late" not in lines(context, only_case(context).conversation_id)
    assert alarming(context) == 1
