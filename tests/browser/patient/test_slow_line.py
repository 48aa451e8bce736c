"""A patient on a line that is slow or cut: nothing is lost or doubled, and the page says what happens."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from handoff.journeys import nurse as journeys
from handoff.models.case import Case
from handoff.models.conversation import Message
from tests.browser.lines import Line
from tests.browser.patient.helpers import mine, said, say, visitor
from tests.fixtures import Bedside, eventually, shot, staff


def kept(bedside: Bedside, author: str) -> list[str]:
    """What the database holds of one author, in order."""
    with bedside.context.database.reading() as session:
        query = session.query(Message).where(Message.author == author).order_by(Message.seq)
        return [one.text for one in query]


def test_on_a_slow_line_that_is_cut_a_patient_loses_and_doubles_nothing(
    bedside: Bedside, browser: Browser
) -> None:
    page = visitor(browser)
    page.goto(f"{bedside.url}/chat")
    line = Line(page)
    say(page, "hello one")
    expect(mine(page, "hello one")).to_contain_text("Sending…")  # long before the line has taken it
    say(page, "hello two")
    expect(said(page, "bot")).to_have_count(2)

    line.cut()
    expect(page.get_by_role("status").filter(has_text="Reconnecting")).to_be_visible()
    say(page, "hello three")
    say(page, "hello four")
    expect(mine(page, "hello four")).to_contain_text("Not sent yet. We keep trying.")
    shot(page, "chat-line-cut")
    line.mend()

    expect(said(page, "bot")).to_have_count(4)
    expect(page.get_by_role("status").filter(has_text="Reconnecting")).to_have_count(0)
    all_of_them = [f"hello {number}" for number in ("one", "two", "three", "four")]
    expect(page.locator(".message.patient .typed")).to_have_text(all_of_them)
    assert kept(bedside, "patient") == all_of_them
    assert [one.text for one in bedside.assistant.asked] == all_of_them


def test_what_the_nurse_writes_while_the_patients_line_is_cut_is_there_once_when_it_is_back(
    bedside: Bedside, browser: Browser
) -> None:
    page = visitor(browser)
    page.goto(f"{bedside.url}/chat")
    line = Line(page)
    page.get_by_role("button", name="Talk to a person").click()
    dana = staff(bedside.context)

    def waits() -> int | None:
        with bedside.context.database.reading() as session:
            return next((one.id for one in Case.queue(session)), None)

    id = eventually(waits, "the case")
    journeys.claim(bedside.context, dana, id)
    journeys.say(bedside.context, dana, id, "c1", "Hello, where does it hurt?")
    expect(said(page, "nurse")).to_have_count(1)

    line.cut()
    journeys.say(bedside.context, dana, id, "c2", "Take your time.")
    say(page, "in my knee")
    expect(mine(page, "in my knee")).to_contain_text("Not sent yet")
    journeys.say(bedside.context, dana, id, "c3", "I am still here.")
    line.mend()

    words = ["Hello, where does it hurt?", "Take your time.", "I am still here."]
    expect(said(page, "nurse").locator(".typed")).to_have_text(words)
    expect(said(page, "patient").filter(has_text="in my knee")).to_have_count(1)
    assert kept(bedside, "patient").count("in my knee") == 1
    assert kept(bedside, "nurse") == words
