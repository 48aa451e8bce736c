"""Offers, breaks, drafts and the staff page in a real browser, by keyboard where it matters."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import func, select

from handoff.journeys import closing
from handoff.journeys import nurse as journeys
from handoff.models.case import Case
from handoff.models.draft import Draft
from handoff.models.offer import Offer
from handoff.settings import Settings
from tests.browser.staff.conftest import OpenBrowser
from tests.browser.staff.test_desk_page import asks_for_a_nurse, holder_of, reply_box, take
from tests.fixtures import Bedside, eventually, shot, staff
from tests.journeys.helpers import BOB

EVENTS = "**/api/desk/events**"
LUIS, SAM = "nurse2@example.org", "supervisor@example.org"


@pytest.fixture
def clinic(settings: Settings, offer: bool) -> Settings:
    return settings.model_copy(update={"offer": offer, "offer_lasts": 120.0})


@pytest.fixture
def offer() -> bool:
    return False


def drafts_of(bedside: Bedside, case_id: int) -> list[str]:
    with bedside.context.database.reading() as session:
        return [one.text for one in Draft.of(session, session.get_one(Case, case_id))]


def offers(bedside: Bedside) -> int:
    """How many were made."""
    with bedside.context.database.reading() as session:
        return session.scalar(select(func.count(Offer.id))) or 0


@pytest.mark.parametrize("offer", [True])
def test_an_offer_appears_by_itself_and_is_accepted_by_keyboard(bedside: Bedside, desk: Page) -> None:
    expect(desk.get_by_text("Nobody is waiting.")).to_be_visible()
    journeys.heartbeat(bedside.context, staff(bedside.context))
    id = asks_for_a_nurse(bedside)
    expect(desk.get_by_role("heading", name="A patient for you")).to_be_visible()
    expect(desk.locator("#arrivals")).to_contain_text("A patient is offered to you: Routine")
    expect(desk.locator("#queue-list")).to_contain_text("Offered to Nurse Dana")
    shot(desk, "desk-offer")
    desk.get_by_role("button", name="Help next patient").focus()
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("button", name="Accept")).to_be_focused()
    assert Axe().run(desk).response["violations"] == []
    desk.keyboard.press("Enter")
    expect(desk.locator("#case-head")).to_contain_text("With you")
    expect(desk.get_by_role("heading", name="A patient for you")).to_be_hidden()
    assert holder_of(bedside, id) == "nurse@example.org"


@pytest.mark.parametrize("offer", [True])
def test_an_offer_is_announced_although_its_case_is_new_in_the_queue_too(
    bedside: Bedside, desk: Page
) -> None:
    """What happened while the desk was cut off comes all at once, the offer before the queue."""
    desk.route(EVENTS, lambda route: route.abort())
    desk.reload()
    expect(desk.get_by_text("Nobody is waiting.")).to_be_visible()
    expect(desk.get_by_text("Connection lost.")).to_be_visible()
    journeys.heartbeat(bedside.context, staff(bedside.context))
    asks_for_a_nurse(bedside)
    eventually(lambda: offers(bedside), "the case to be offered")
    desk.unroute(EVENTS)
    expect(desk.locator("#arrivals")).to_contain_text("New patient waiting: Routine")
    expect(desk.locator("#arrivals")).to_contain_text("A patient is offered to you: Routine")


def test_a_typed_reply_is_there_for_whoever_takes_over(
    bedside: Bedside, desk: Page, open_browser: OpenBrowser
) -> None:
    id = asks_for_a_nurse(bedside)
    take(desk, id)
    desk.keyboard.type("Please drink")
    eventually(lambda: drafts_of(bedside, id) == ["Please drink"], "the draft to be kept")
    journeys.transfer(bedside.context, staff(bedside.context), id, LUIS, "")
    luis = open_browser(LUIS).new_page()
    luis.goto(f"/desk/cases/{id}")
    draft = luis.get_by_role("complementary", name="Draft left by Nurse Dana")
    expect(draft).to_contain_text("Please drink")
    shot(luis, "desk-draft-left")
    assert Axe().run(luis).response["violations"] == []
    draft.get_by_role("button", name="Use this draft").click()
    expect(reply_box(luis)).to_have_value("Please drink")
    expect(draft).to_be_hidden()
    eventually(lambda: drafts_of(bedside, id) == ["Please drink"], "the draft to be Luis's")
    luis.keyboard.type(" water.")
    luis.keyboard.press("Control+Enter")
    expect(luis.locator("#messages .nurse .msg-text")).to_have_text("Please drink water.")
    eventually(lambda: drafts_of(bedside, id) == [], "the draft to be gone")


def test_ones_own_draft_is_there_on_another_machine(
    bedside: Bedside, desk: Page, open_browser: OpenBrowser
) -> None:
    id = asks_for_a_nurse(bedside)
    take(desk, id)
    desk.keyboard.type("Half a sentence")
    eventually(lambda: drafts_of(bedside, id) == ["Half a sentence"], "the draft to be kept")
    elsewhere = open_browser().new_page()
    elsewhere.goto(f"/desk/cases/{id}")
    expect(reply_box(elsewhere)).to_have_value("Half a sentence")


def test_a_break_is_taken_and_ended_on_the_desk(bedside: Bedside, desk: Page) -> None:
    desk.get_by_role("button", name="Take a break").click()
    expect(desk.get_by_text("You are on a break")).to_be_visible()
    asks_for_a_nurse(bedside)
    desk.get_by_role("button", name="Help next patient").click()
    expect(desk.locator("#side-said")).to_contain_text("You are on a break")
    shot(desk, "desk-break")
    desk.get_by_role("button", name="Back to work").click()
    expect(desk.get_by_role("button", name="Take a break")).to_be_visible()
    desk.get_by_role("button", name="Help next patient").click()
    expect(desk.locator("#case-head")).to_contain_text("With you")


def test_the_queue_marks_who_knows_whom_and_what_got_worse(
    bedside: Bedside, desk: Page, open_browser: OpenBrowser
) -> None:
    dana = staff(bedside.context)
    journeys.claim(bedside.context, dana, asks_for_a_nurse(bedside))
    first = asks_for_a_nurse(bedside, "nurse please, my asthma", BOB)
    journeys.claim(bedside.context, dana, first)
    closing.close(bedside.context, dana, first, "other", "", True)
    again = asks_for_a_nurse(bedside, "hablar con una enfermera por favor, tengo diabetes", BOB)
    row = desk.locator(f"#q-{again}")
    expect(row).to_contain_text("Knows you")
    expect(row).to_contain_text("Spanish")
    luis = open_browser(LUIS).new_page()
    luis.goto("/desk")
    expect(luis.locator(f"#q-{again}")).to_contain_text("Knows Nurse Dana")
    shot(desk, "desk-queue-marks")
    assert Axe().run(desk).response["violations"] == []
    phone = open_browser(viewport={"width": 390, "height": 844}).new_page()
    phone.goto("/desk")
    expect(phone.locator(f"#q-{again}")).to_contain_text("Knows you")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    shot(phone, "desk-queue-marks-phone")


def test_a_supervisor_changes_a_nurse_on_the_staff_page(
    bedside: Bedside, open_browser: OpenBrowser, nurse: BrowserContext
) -> None:
    page = open_browser(SAM).new_page()
    page.goto("/staff")
    luis = page.locator(f'form[data-nurse="{LUIS}"]')
    expect(luis.get_by_label("Languages")).to_have_value("en, es")
    luis.get_by_label("Heart and lungs").check()
    luis.get_by_label("Most cases at once").fill("4")
    luis.get_by_role("button", name="Save").click()
    expect(luis.get_by_text("Saved.")).to_be_visible()
    assert "heart-and-lungs" in staff(bedside.context, LUIS).skills
    luis.get_by_label("Licensed in").fill("New York")
    luis.get_by_role("button", name="Save").click()
    expect(luis.get_by_role("alert")).to_contain_text("capital letters")
    assert Axe().run(page).response["violations"] == []
    shot(page, "staff")
    refused = nurse.new_page()
    refused.goto("/staff")
    expect(refused.get_by_text("Only supervisors can open this.")).to_be_visible()
