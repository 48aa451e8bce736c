"""The board and the way in, in a real browser."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from handoff.models.case import Page as OnCallPage
from tests.browser.staff.conftest import OpenBrowser
from tests.browser.staff.test_desk_page import asks_for_a_nurse, no_barriers
from tests.fixtures import Bedside, shot
from tests.journeys.helpers import DANGER


def test_the_board_follows_what_happens_and_takes_an_acknowledgement(
    bedside: Bedside, open_browser: OpenBrowser
) -> None:
    page = open_browser("supervisor@example.org").new_page()
    page.goto("/board")
    expect(page.locator("#b-waiting")).to_contain_text("Nobody is waiting.")
    id = asks_for_a_nurse(bedside, DANGER)
    expect(page.locator("#b-waiting")).to_contain_text(f"Case {id}")
    expect(page.locator("#b-nurses")).to_contain_text("Nurse Dana")
    with bedside.context.transaction() as session:
        now = bedside.context.clock.now()
        session.add(OnCallPage(case_id=id, rung=0, address="+12025550100", created_at=now, sent_at=now))
    bedside.context.wakeups.notify("desk")
    page.get_by_role("button", name=f"Acknowledge the page for case {id}").click()
    expect(page.locator("#b-pages")).to_contain_text("Sam Supervisor")
    no_barriers(page)
    shot(page, "board")
    text = page.locator("body").inner_text()
    assert DANGER not in text
    assert "+12025550100" not in text


def test_the_board_fits_a_phone_in_the_dark(bedside: Bedside, open_browser: OpenBrowser) -> None:
    asks_for_a_nurse(bedside)
    page = open_browser(
        "supervisor@example.org", viewport={"width": 360, "height": 740}, color_scheme="dark"
    ).new_page()
    page.goto("/board")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    no_barriers(page)
    shot(page, "board-phone")


def sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_wrong_password_is_said_in_place_and_the_right_one_leads_where_one_wanted(
    bedside: Bedside, page: Page
) -> None:
    page.goto(f"{bedside.url}/board")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert Axe().run(page).violations_count == 0
    sign_in(page, "", "")
    expect(page.get_by_role("alert")).to_have_text("Enter your e-mail.")
    sign_in(page, "nurse@example.org", "not her password")
    expect(page.get_by_role("alert")).to_contain_text("is not right")
    expect(page.get_by_label("E-mail")).to_have_value("nurse@example.org")
    shot(page, "sign-in")
    sign_in(page, "nurse@example.org", "bedside-demo")
    expect(page).to_have_url(f"{bedside.url}/board")


@pytest.mark.parametrize(
    ("email", "home"),
    [("nurse@example.org", "/desk"), ("supervisor@example.org", "/board"), ("editor@example.org", "/studio")],
)
def test_everybody_begins_where_their_work_is(bedside: Bedside, page: Page, email: str, home: str) -> None:
    page.goto(f"{bedside.url}/sign-in")
    sign_in(page, email, "bedside-demo")
    expect(page).to_have_url(f"{bedside.url}{home}")


def test_an_editor_is_told_that_the_desk_is_not_for_them(open_browser: OpenBrowser) -> None:
    page = open_browser("editor@example.org").new_page()
    page.goto("/desk")
    expect(page.get_by_text("Only nurses, approvers and supervisors can open this.")).to_be_visible()
