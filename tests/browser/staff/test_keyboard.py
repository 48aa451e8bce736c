"""A nurse without a mouse: a whole shift by keys alone, and the focus is always seen and never lost."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from handoff.journeys import nurse as journeys
from handoff.models.case import Case
from tests.browser.staff.conftest import OpenBrowser
from tests.browser.staff.test_desk_page import asks_for_a_nurse, messages, reply_box, said, take
from tests.fixtures import Bedside, eventually, staff
from tests.journeys.helpers import ALICE, BOB, text_only

URGENT = "my knee is swollen"
FOCUSED = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const style = getComputedStyle(it), box = it.getBoundingClientRect();
  const middle = [box.left + Math.min(box.width, 40) / 2, box.top + Math.min(box.height, 40) / 2];
  const top = document.elementFromPoint(...middle);
  return {
    name: (it.labels?.[0]?.textContent || it.getAttribute("aria-label") || it.textContent || it.id).trim(),
    tag: it.tagName.toLowerCase(),
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    colour: style.outlineColor,
    covered: !(top && (it.contains(top) || top.contains(it))),
  };
}"""
FOCUS_COLOUR = "rgb(11, 87, 208)"
"""What base.css draws around what has the focus, in the light."""


def focus(page: Page) -> dict[str, Any]:
    """What has the focus now. It must be something, in sight, with a line around it that nothing else has."""
    found = eventually(lambda: page.evaluate(FOCUSED), "the focus to be somewhere")
    seen = (found["outline"], found["colour"], found["covered"])
    assert seen == (3, FOCUS_COLOUR, False), found
    return dict(found)


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Go on with Tab (or Shift+Tab) until something has the focus whose name begins so."""
    passed = []
    for _ in range(80):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement === document.body"):
            continue  # round the end of the page, as every browser does
        passed.append(focus(page)["name"])
        if passed[-1].startswith(name):
            return
    raise AssertionError(f"{key} never reaches {name}: {passed}")


def test_a_nurse_signs_in_helps_hands_over_and_closes_without_a_mouse(
    bedside: Bedside, open_browser: OpenBrowser
) -> None:
    first = asks_for_a_nurse(bedside, URGENT)
    second = asks_for_a_nurse(bedside, URGENT, BOB)
    context = open_browser("nurse2@example.org")
    context.clear_cookies()
    page = context.new_page()
    page.goto("/desk")

    assert focus(page)["name"].startswith("E-mail")
    page.keyboard.type("nurse@example.org")
    tab_to(page, "Password")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).not_to_be_empty()
    assert focus(page)["name"].startswith("Password")
    page.keyboard.type("bedside-demo")
    page.keyboard.press("Enter")
    expect(page.locator("#queue-list > li")).to_have_count(2)
    page.wait_for_load_state()  # only then do its buttons do anything

    tab_to(page, "Help next patient")
    page.keyboard.press("Enter")
    expect(page.locator("#case-title")).to_contain_text(f"Case {first}")
    expect(reply_box(page)).to_be_focused()
    focus(page)

    tab_to(page, "Conversation", "Shift+Tab")  # the transcript, which scrolls
    tab_to(page, "Notes and history", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#history li").first).to_be_visible()
    tab_to(page, "Fill in or correct", "Shift+Tab")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    tab_to(page, "Age")
    page.keyboard.type("34")
    tab_to(page, "Save")
    page.keyboard.press("Enter")
    expect(page.locator("#facts")).to_contain_text("34")
    assert focus(page)["name"] == "Fill in or correct"

    tab_to(page, "Reply to the patient")
    page.keyboard.type("/medic")
    expect(page.get_by_role("option").first).to_contain_text("Medicines and allergies")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(said(page, "Which medicines do you take")).to_have_count(1)
    assert focus(page)["name"].startswith("Reply to the patient")

    tab_to(page, "Note")
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    assert focus(page)["name"].startswith("Only staff read this")
    page.keyboard.type("Lives alone")
    tab_to(page, "Save note")
    page.keyboard.press("Enter")
    expect(page.locator("#history")).to_contain_text("Lives alone")
    assert focus(page)["name"] == "Note"

    tab_to(page, "Transfer")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("option", name="Nurse Luis")).to_have_count(1)
    tab_to_here(page, "To whom")
    page.keyboard.type("Nurse Luis")
    expect(dialog.get_by_label("To whom")).to_have_value("nurse2@example.org")
    tab_to(page, "Note for whoever takes over")
    page.keyboard.type("Prefers short texts")
    tab_to(page, "Transfer")
    page.keyboard.press("Enter")
    expect(page.locator("#case-head")).to_contain_text("With Nurse Luis")
    assert focus(page)["name"] == "Help next patient"

    page.keyboard.press("Enter")
    expect(page.locator("#case-title")).to_contain_text(f"Case {second}")
    expect(reply_box(page)).to_be_focused()
    page.keyboard.type("Rest it and keep it up.")
    page.keyboard.press("Control+Enter")
    expect(said(page, "Rest it")).to_have_count(1)
    tab_to(page, "Close case")
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    tab_to_here(page, "Education given")
    page.keyboard.press("Space")
    tab_to(page, "The patient agreed")
    page.keyboard.press("Space")
    tab_to(page, "Advised")
    page.keyboard.type("Home care")
    tab_to(page, "The patient's plan")
    page.keyboard.type("I will rest")
    tab_to(page, "Yes")
    page.keyboard.press("Space")
    tab_to(page, "Sign and close")
    page.keyboard.press("Enter")
    expect(page.locator("#case-head")).to_contain_text("Closed: Education given")
    assert focus(page)["name"] == "Help next patient"

    page.keyboard.press("Enter")  # nobody is left, and saying so takes nothing away
    expect(page.locator("#side-said")).to_contain_text("Nobody is waiting")
    assert focus(page)["name"] == "Help next patient"
    with bedside.context.database.reading() as session:
        assert session.get_one(Case, second).state == "closed"


def tab_to_here(page: Page, name: str) -> None:
    """As `tab_to`, where it may have the focus already."""
    if not focus(page)["name"].startswith(name):
        tab_to(page, name)


def test_a_refused_act_leaves_the_focus_on_its_button(bedside: Bedside, desk: Page) -> None:
    id = asks_for_a_nurse(bedside)
    take(desk, id)
    tab_to(desk, "Note")
    desk.keyboard.press("Enter")
    desk.keyboard.type("Called twice")
    journeys.release(bedside.context, staff(bedside.context), id, "phone call")
    tab_to(desk, "Save note")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("dialog").get_by_role("alert")).to_contain_text("Nobody has this case")
    assert focus(desk)["name"] == "Save note"


def test_a_case_that_is_taken_away_takes_the_focus_to_what_is_left_of_it(
    bedside: Bedside, desk: Page
) -> None:
    id = asks_for_a_nurse(bedside)
    take(desk, id)
    tab_to(desk, "Transfer")
    sam = staff(bedside.context, "supervisor@example.org")
    journeys.transfer(bedside.context, sam, id, "nurse2@example.org", "shift change")
    expect(reply_box(desk)).to_be_hidden()
    focus(desk)
    assert desk.evaluate("document.getElementById('case').contains(document.activeElement)")


def test_the_focus_stays_in_the_queue_when_the_case_under_it_is_claimed(bedside: Bedside, desk: Page) -> None:
    id = asks_for_a_nurse(bedside)
    expect(desk.locator("#queue-list > li")).to_have_count(1)
    tab_to(desk, "Routine Case")
    journeys.claim(bedside.context, staff(bedside.context, "nurse2@example.org"), id)
    expect(desk.locator("#queue-list > li")).to_have_count(0)
    focus(desk)
    assert desk.evaluate("document.querySelector('.side').contains(document.activeElement)")


def test_the_row_of_the_open_case_shows_that_it_has_the_focus(bedside: Bedside, desk: Page) -> None:
    take(desk, asks_for_a_nurse(bedside))
    tab_to(desk, "Routine Case", "Shift+Tab")


def test_what_the_patient_writes_moves_no_focus(bedside: Bedside, desk: Page) -> None:
    take(desk, asks_for_a_nurse(bedside))
    tab_to(desk, "Close case")
    text_only(bedside.context, "one more thing", ALICE)
    expect(messages(desk)).to_contain_text("one more thing")
    assert focus(desk)["name"] == "Close case"
