"""The safety copy's pages in a real browser: read by all, changed by two clinicians."""

from __future__ import annotations

from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.content.test_studio_pages import accessible, sign_in
from tests.fixtures import Bedside, shot

PATH = "/studio/safety/us.medical.self.sms.en"
CHANGED = "Call {emergency} now. If you cannot speak, text {emergency} or dial {relay_line}."


def test_a_change_goes_from_one_clinician_to_another_and_then_to_patients(
    bedside: Bedside, browser: Browser, page: Page
) -> None:
    sign_in(page, bedside, "approver@example.org", PATH)
    page.get_by_label("Text", exact=True).fill("Call 911 soon.")
    findings = page.locator("#findings-text")
    expect(findings).to_contain_text("911 is written out")
    expect(findings).to_contain_text("'soon': perhaps this promises a time.")
    expect(page.get_by_label("Text", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Why it should change").fill("Shorter is read sooner.")
    page.get_by_role("button", name="Ask another clinician").click()
    expect(page.locator("#said")).to_contain_text("911 is written out")
    expect(page.locator("#said")).to_be_focused()
    shot(page, "safety_findings")
    accessible(page)

    page.get_by_label("Text", exact=True).fill(CHANGED)
    expect(page.locator("#preview")).to_have_text("Call 911 now. If you cannot speak, text 911 or dial 711.")
    expect(page.locator("#preview-size")).to_have_text("1 SMS segment, GSM-7")
    page.get_by_role("button", name="Ask another clinician").click()
    expect(page.get_by_text("You proposed this, so another clinician has to approve it.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)

    with browser.new_context() as other:
        second = other.new_page()
        sign_in(second, bedside, "approver2@example.org", "/studio/safety")
        shot(second, "safety_list")
        accessible(second)
        second.get_by_label("Waits for a second clinician").get_by_role("link").click()
        expect(second.get_by_text("Shorter is read sooner.").first).to_be_visible()
        shot(second, "safety_review")
        accessible(second)
        approve = second.get_by_role("button", name="Approve")
        approve.focus()
        second.keyboard.press("Enter")
        expect(second.get_by_text("Version 1.1, approved by Dr. Ben Approver")).to_be_visible()
        accessible(second)
        shot(second, "safety_live")
        second.get_by_role("link", name="Propose the shipped text again").click()
        expect(second.get_by_label("Text", exact=True)).to_have_value(
            bedside.context.country.copies["medical", "self", "sms", "en"]
        )

    page.goto(f"{bedside.url}/studio/safety")
    page.get_by_label("Find texts").fill("or dial 711.")
    expect(page.get_by_text("Call 911 now. If you cannot speak, text 911 or dial 711.")).to_be_visible()


def test_a_second_clinician_declines_and_says_why(bedside: Bedside, page: Page) -> None:
    with closing(bedside.signed_in("approver2@example.org")) as ben:
        body = {"text": CHANGED, "reason": "Shorter", "based_on": "1"}
        assert ben.post(f"/api{PATH.removeprefix('/studio')}/propose", json=body).status_code == 201
    sign_in(page, bedside, "approver@example.org", PATH)
    page.get_by_label("Why not").fill("Too curt")
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_text("Declined by Dr. Ada Approver")).to_be_visible()
    expect(page.get_by_text("Version 1, shipped with Bedside").first).to_be_visible()


@pytest.mark.parametrize("role", ["nurse", "editor"])
def test_others_read_it_only(bedside: Bedside, page: Page, role: str) -> None:
    sign_in(page, bedside, f"{role}@example.org", "/studio")
    page.get_by_role("link", name="Safety copy").click()
    page.get_by_text("Medical emergency").click()
    page.get_by_role("link", name="Medical emergency, the writer's own danger, SMS, English").click()
    expect(page.get_by_role("heading", name="What patients get now")).to_be_visible()
    expect(page.locator("main textarea, main button")).to_have_count(0)
    accessible(page)


def test_trying_a_danger_shows_what_triage_found_and_the_safety_text(bedside: Bedside, page: Page) -> None:
    sign_in(page, bedside, "nurse@example.org", "/studio")
    page.get_by_label("Question").fill("i have crushing chest pain and i just want to disappear forever")
    page.get_by_role("button", name="Ask").click()
    found = page.locator("#found")
    expect(found).to_contain_text("Triage:")
    expect(found).to_contain_text("A rule: the words fit it")
    expect(found).to_contain_text("Reads like")
    expect(found).to_contain_text("the line (score")
    expect(found.get_by_role("link", name="Safety copy us.medical.self.sms.en")).to_be_visible()
    expect(found).to_contain_text("The bot gives no answer of its own to this.")
    found.get_by_text("How close it is").click()
    accessible(page)
    shot(page, "studio_triage")


@pytest.mark.parametrize("path", ["/studio/safety", PATH, "/studio/safety/us.suicide.self.web.es"])
def test_pages_fit_a_small_phone(bedside: Bedside, page: Page, path: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    sign_in(page, bedside, "approver@example.org", path)
    for summary in page.locator("main summary").all():
        summary.click()
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0
    accessible(page)
    shot(page, f"phone{path.replace('/', '_')}")
