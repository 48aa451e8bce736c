"""One case in a real browser: what is known, saved replies, fitting answers, who looks on, and closing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from handoff.journeys import facts
from tests.browser.staff.conftest import OpenBrowser
from tests.browser.staff.test_desk_page import asks_for_a_nurse, messages, no_barriers, reply_box, said, take
from tests.fixtures import Bedside, eventually, shot, staff
from tests.journeys.helpers import ALICE, text_only

URGENT = "my knee is swollen"


def open_to_close(desk: Page) -> None:
    desk.get_by_role("button", name="Close case").click()


def test_what_is_known_of_the_patient_is_filled_in_and_only_what_changed_is_sent(
    bedside: Bedside, desk: Page
) -> None:
    id = asks_for_a_nurse(bedside)
    take(desk, id)
    expect(desk.locator("#facts")).to_contain_text("age, where they are, pregnant")
    desk.get_by_role("button", name="Fill in or correct").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog.get_by_label("Language")).to_have_value("en")
    dialog.get_by_label("Age", exact=True).fill("34")
    facts.correct(bedside.context, staff(bedside.context), id, {"allergies": "penicillin"})  # meanwhile
    dialog.get_by_label("Text only").select_option("Yes")
    shot(desk, "desk-about")
    dialog.get_by_role("button", name="Save").click()
    shown = desk.locator("#facts")
    expect(shown).to_contain_text("34")
    expect(shown).to_contain_text("penicillin")
    expect(shown).to_contain_text("Text onlyYes")
    expect(shown).to_contain_text("Their time, by the number")
    expect(desk.locator("#history")).to_contain_text("About the patient: Age: 34; before: -")


def test_a_slash_finds_a_saved_reply_and_enter_puts_it_into_the_box(bedside: Bedside, desk: Page) -> None:
    take(desk, asks_for_a_nurse(bedside))
    desk.keyboard.type("/medic")
    option = desk.get_by_role("option")
    expect(option.first).to_contain_text("Medicines and allergies")
    shot(desk, "desk-saved-replies")
    no_barriers(desk)
    desk.keyboard.press("Enter")
    expect(reply_box(desk)).to_have_value(
        "Which medicines do you take, and do you have any allergies? Names are enough."
    )
    expect(desk.locator("#saved")).to_be_hidden()
    expect(desk.locator("#reply-size")).to_contain_text("1 text")
    desk.keyboard.type(" /greet")
    expect(option.first).to_contain_text("this is Nurse Dana at")
    desk.keyboard.press("Escape")
    expect(desk.locator("#saved")).to_be_hidden()
    expect(reply_box(desk)).to_have_value("Which medicines do you take, and do you have any allergies? "
                                          "Names are enough. /greet")  # fmt: skip
    desk.keyboard.press("Control+Enter")
    expect(said(desk, "Which medicines do you take")).to_have_count(1)


def test_a_slash_within_words_is_only_a_slash(bedside: Bedside, desk: Page) -> None:
    take(desk, asks_for_a_nurse(bedside))
    desk.keyboard.type("Was it 120/80")
    expect(desk.locator("#saved")).to_be_hidden()


def test_an_answer_that_fits_goes_in_with_one_click_and_out_in_its_approved_words(
    bedside: Bedside, desk: Page
) -> None:
    take(desk, asks_for_a_nurse(bedside, "I want to talk to a nurse about what asthma is"))
    desk.locator("#fitting button").first.click()
    expect(desk.locator("#inserted")).to_contain_text("Asthma")
    expect(reply_box(desk)).to_be_focused()
    no_barriers(desk)
    shot(desk, "desk-inserted")
    desk.get_by_role("button", name="Take it out").click()
    expect(desk.locator("#inserted")).to_be_hidden()
    desk.locator("#fitting button").first.click()
    desk.keyboard.type("Does this help?")
    desk.keyboard.press("Control+Enter")
    expect(messages(desk).locator(".nurse").first).to_contain_text("Approved answer Asthma, ")
    expect(messages(desk).locator(".nurse").nth(1)).to_contain_text("Does this help?")
    expect(desk.locator("#inserted")).to_be_hidden()


def test_two_nurses_see_that_both_look_and_who_writes(
    bedside: Bedside, desk: Page, open_browser: OpenBrowser
) -> None:
    id = asks_for_a_nurse(bedside)
    take(desk, id)
    luis = open_browser("nurse2@example.org").new_page()
    luis.goto(f"/desk/cases/{id}")
    expect(desk.locator("#here")).to_contain_text("Nurse Luis")
    expect(luis.locator("#here")).to_contain_text("Nurse Dana")
    desk.keyboard.type("Hello")
    expect(luis.locator("#here")).to_contain_text("Nurse Dana (is writing)")
    luis.goto("/desk")
    luis.locator("#others summary").click()
    luis.locator(f"#other-{id} a").click()
    expect(luis.locator("#here")).to_contain_text("Nurse Dana")


@pytest.mark.parametrize("outcome", ["No answer, after logged attempts", "Transferred"])
def test_an_urgent_case_asks_for_the_whole_record_of_those_who_spoke(
    bedside: Bedside, desk: Page, outcome: str
) -> None:
    id = asks_for_a_nurse(bedside, URGENT)
    take(desk, id)
    open_to_close(desk)
    dialog = desk.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Education given")).to_be_hidden()
    dialog.get_by_label("Advised a visit").check()
    dialog.get_by_label("The patient agreed").check()
    expect(dialog.get_by_label("The patient's plan")).to_be_visible()
    no_barriers(desk)
    dialog.get_by_role("button", name="Sign and close").click()
    expect(dialog).to_be_visible()  # the browser asks for what is missing
    dialog.get_by_label(outcome).check()
    expect(dialog.get_by_label("The patient's plan")).to_be_hidden()
    dialog.get_by_role("button", name="Sign and close").click()
    if outcome.startswith("No answer"):
        expect(dialog.get_by_role("alert")).to_have_text(
            "Nobody has tried to reach the patient yet. Log the call first."
        )
    else:
        expect(desk.locator("#closings")).to_contain_text("Transferred to somebody else's care")


def test_what_the_patient_writes_while_the_dialog_is_open_is_read_before_closing(
    bedside: Bedside, desk: Page
) -> None:
    take(desk, asks_for_a_nurse(bedside))
    open_to_close(desk)
    text_only(bedside.context, "one more thing")
    expect(messages(desk)).to_contain_text("one more thing")
    desk.get_by_role("dialog").get_by_role("button", name="Education given").click()
    expect(desk.get_by_role("dialog").get_by_role("alert")).to_contain_text(
        "The patient has written meanwhile."
    )
    desk.keyboard.press("Escape")
    open_to_close(desk)
    desk.get_by_role("dialog").get_by_role("button", name="Education given").click()
    expect(desk.locator("#case-head")).to_contain_text("Closed: Education given")


def test_the_rating_and_an_addendum_appear_on_the_closed_case(bedside: Bedside, desk: Page) -> None:
    take(desk, asks_for_a_nurse(bedside))
    desk.keyboard.type("Hello")
    desk.keyboard.press("Control+Enter")
    expect(said(desk, "Hello")).to_have_count(1)
    open_to_close(desk)
    desk.get_by_role("dialog").get_by_role("button", name="Education given").click()
    eventually(lambda: any("1 to 5" in one for one in bedside.sender.texts(ALICE)), "the question")
    text_only(bedside.context, "5, so kind")
    expect(desk.locator("#rating")).to_contain_text("5 of 5")
    expect(desk.locator("#rating")).to_contain_text("so kind")
    desk.get_by_role("button", name="Add to the closed note").click()
    desk.get_by_label("What to add").fill("The clinic rang back.")
    desk.get_by_role("button", name="Sign and add").click()
    expect(desk.locator("#closings")).to_contain_text("The clinic rang back.")
    shot(desk, "desk-closed-signed")
    no_barriers(desk)


def test_a_supervisor_changes_a_saved_reply(bedside: Bedside, open_browser: OpenBrowser) -> None:
    page = open_browser("supervisor@example.org").new_page()
    page.goto("/studio")
    page.get_by_role("link", name="Saved replies").click()
    no_barriers(page)
    page.get_by_text("Call the clinic").first.click()
    form = page.locator("details[open] form")
    form.get_by_label("Reply").fill("Call us at {telephone}.")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("{telephone} is not known here.")
    form.get_by_label("Reply").fill("Call us, please.")
    shot(page, "studio-replies")
    no_barriers(page)
    form.get_by_role("button", name="Save").click()
    expect(page.locator("details[open]")).to_have_count(0)
    page.get_by_text("Call the clinic").first.click()
    expect(page.locator("details[open] form").get_by_label("Reply")).to_have_value("Call us, please.")


def test_the_close_dialog_fits_a_phone(bedside: Bedside, open_browser: OpenBrowser) -> None:
    page = open_browser(viewport={"width": 360, "height": 740}, has_touch=True).new_page()
    take(page, asks_for_a_nurse(bedside, URGENT))
    open_to_close(page)
    page.get_by_label("The patient agreed").check()
    shot(page, "desk-phone-close")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
