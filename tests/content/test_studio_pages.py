"""The studio in a real browser: an editor changes, an approver publishes, anybody may read it."""

from __future__ import annotations

from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.fixtures import DEMO_PASSWORD, Bedside, shot

ASTHMA = "asthma.overview"


def sign_in(page: Page, bedside: Bedside, email: str, path: str = "/studio") -> None:
    page.goto(f"{bedside.url}{path}")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{bedside.url}{path}")
    page.wait_for_load_state()  # only then do its buttons do anything


def accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_change_goes_from_the_editor_to_the_approver_to_the_public_page(
    bedside: Bedside, browser: Browser, page: Page
) -> None:
    sign_in(page, bedside, "editor@example.org", f"/studio/answers/{ASTHMA}")
    text = page.get_by_label("Full answer")
    text.fill(text.input_value().replace("Asthma is", "Truly, asthma is", 1))
    expect(page.locator("#preview-web")).to_contain_text("Truly, asthma is")
    shot(page, "studio_editor")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.locator("ins").first).to_contain_text("Truly,")
    accessible(page)
    page.get_by_role("button", name="Ask for approval").click()
    expect(page.get_by_text("another person has to approve")).to_be_visible()

    with browser.new_context() as other:
        approver = other.new_page()
        sign_in(approver, bedside, "approver@example.org", f"/studio/answers/{ASTHMA}")
        shot(approver, "studio_review")
        accessible(approver)
        approver.get_by_role("button", name="Approve and publish").click()
        expect(approver.get_by_role("heading", name="Waits for approval")).to_have_count(0)
        expect(approver.locator(".head .state")).to_have_text("Live")

    page.goto(f"{bedside.url}/a/{ASTHMA}")
    expect(page.get_by_text("Truly, asthma is")).to_be_visible()
    expect(page.get_by_text("approved by Dr. Ada Approver")).to_be_visible()


def test_findings_stand_beside_their_field_as_one_types(bedside: Bedside, page: Page) -> None:
    sign_in(page, bedside, "editor@example.org", f"/studio/answers/{ASTHMA}")
    page.get_by_label("Text message", exact=True).fill("Call 1-800-222-1222 “now”.")
    findings = page.locator("#findings-sms")
    expect(findings).to_contain_text("The number 1-800-222-1222 is written out.")
    expect(findings).to_contain_text("“")
    expect(page.locator("#sms-size")).to_contain_text("make it dear")
    expect(page.get_by_label("Text message", exact=True)).to_have_attribute("aria-invalid", "true")
    shot(page, "studio_findings")


def test_an_answer_that_was_only_opened_holds_no_unsaved_changes(bedside: Bedside, page: Page) -> None:
    sign_in(page, bedside, "editor@example.org", f"/studio/answers/{ASTHMA}")
    expect(page.locator("#sms-size")).to_contain_text("characters")
    expect(page.locator("#unsaved")).to_be_empty()
    page.locator("[data-name=to_check]").first.check()
    expect(page.locator("#unsaved")).to_contain_text("not saved")


def test_two_editors_at_once_the_second_is_told_and_keeps_the_text(bedside: Bedside, page: Page) -> None:
    sign_in(page, bedside, "editor@example.org", f"/studio/answers/{ASTHMA}")
    with closing(bedside.signed_in("approver@example.org")) as other:
        answer = other.get(f"/api/answers/{ASTHMA}").json()
        fields = ("title", "sms", "web", "questions", "sources", "reviewed_on", "review_due")
        draft = {name: answer["live"][name] for name in fields} | {"based_on": answer["latest"]}
        assert other.post(f"/api/answers/{ASTHMA}/draft", json=draft).status_code == 200
    page.get_by_label("Title, as a button").fill("My title")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_role("status").filter(has_text="Somebody saved version")).to_be_visible()
    expect(page.get_by_label("Title, as a button")).to_have_value("My title")


def test_the_list_answers_as_a_patient_would_be_answered(bedside: Bedside, page: Page) -> None:
    sign_in(page, bedside, "nurse@example.org")
    page.get_by_label("Question").fill("is athsma contagious")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#found")).to_contain_text("The patient gets this answer")
    link = page.locator("#found").get_by_role("link")
    expect(link).to_have_attribute("href", "/studio/answers/asthma.spread")
    accessible(page)
    shot(page, "studio_list")
    page.get_by_label("Find topics").fill("heart failure")
    expect(page.locator("[data-topic]:visible")).not_to_have_count(0)
    expect(page.get_by_text("Depression", exact=True)).to_be_hidden()


def test_a_nurse_stops_an_answer_and_it_is_gone_from_the_public_page(bedside: Bedside, page: Page) -> None:
    sign_in(page, bedside, "nurse@example.org", f"/studio/answers/{ASTHMA}")
    expect(page.get_by_role("button", name="Save as a draft")).to_have_count(0)
    page.get_by_label("Why").fill("The dose is wrong")
    page.get_by_role("button", name="Stop now").click()
    expect(page.get_by_text("Stopped by Nurse Dana: The dose is wrong")).to_be_visible()
    shot(page, "studio_stopped")
    assert page.goto(f"{bedside.url}/a/{ASTHMA}").status == 404  # type: ignore[union-attr]


def test_an_approver_reads_a_whole_topic_and_approves_it(bedside: Bedside, page: Page) -> None:
    sign_in(page, bedside, "approver@example.org", "/studio/topics/asthma")
    accessible(page)
    shot(page, "studio_topic")
    page.get_by_role("button", name="Approve the ticked texts").click()
    expect(page.get_by_role("button", name="Approve the ticked texts")).to_have_count(0)
    with bedside.client() as client:
        assert "approved by Dr. Ada Approver" in client.get(f"/a/{ASTHMA}").text


@pytest.mark.parametrize("path", ["/studio", "/studio/new", f"/studio/answers/{ASTHMA}", f"/a/{ASTHMA}"])
def test_pages_fit_a_small_phone(bedside: Bedside, page: Page, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    if path.startswith("/studio"):
        sign_in(page, bedside, "editor@example.org", path)
    else:
        page.goto(f"{bedside.url}{path}")
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0
    accessible(page)
    shot(page, f"phone{path.replace('/', '_')}")
