"""The demo's phone."""

from contextlib import closing

from playwright.sync_api import Page, expect

from tests.browser.patient.helpers import barriers
from tests.fixtures import Bedside, ScriptedAssistant, shot

FIRST = "+12025550111"


def text(page: Page, words: str) -> None:
    page.get_by_label("Text message").fill(words)
    page.get_by_label("Text message").press("Enter")


def test_a_text_is_answered_and_its_cost_and_fate_are_shown(bedside: Bedside, page: Page) -> None:
    page.goto(f"{bedside.url}/simulator")
    text(page, "what is asthma")
    answer = page.locator(".text.theirs").first
    expect(answer).to_contain_text("Source")
    expect(answer.locator(".fate")).to_contain_text("segments, GSM-7 · sent")
    shot(page, "simulator")
    assert barriers(page) == []


def test_the_text_went_the_way_that_every_text_goes(bedside: Bedside, page: Page) -> None:
    page.goto(f"{bedside.url}/simulator")
    text(page, "hello <b>there</b>")
    expect(page.locator(".text.mine .typed")).to_have_text("hello <b>there</b>")
    expect(page.locator(".text.theirs.sent").first).to_be_visible()
    assert bedside.sender.texts(FIRST)[0] == page.locator(".text.theirs .typed").first.inner_text()


def test_two_phones_are_two_patients(bedside: Bedside, page: Page) -> None:
    page.goto(f"{bedside.url}/simulator")
    text(page, "hello from one")
    expect(page.locator(".text.theirs").first).to_be_visible()
    page.get_by_role("button", name="Patient 2").click()
    expect(page.locator(".text")).to_have_count(0)
    text(page, "hello from two")
    expect(page.locator(".text.mine")).to_contain_text(["hello from two"])
    page.get_by_role("button", name="Patient 1").click()
    expect(page.locator(".text.mine")).to_contain_text(["hello from one"])
    page.reload()
    expect(page.locator(".text.mine")).to_contain_text(["hello from one"])


def test_a_number_that_is_none_is_explained_and_nothing_typed_is_lost(bedside: Bedside, page: Page) -> None:
    page.goto(f"{bedside.url}/simulator")
    page.get_by_label("Whose phone is this?").fill("555")
    text(page, "hello")
    expect(page.locator("#number-error")).to_contain_text("country code")
    expect(page.get_by_label("Text message")).to_have_value("hello")


def test_a_picture_reaches_a_person(bedside: Bedside, page: Page) -> None:
    page.goto(f"{bedside.url}/simulator")
    page.get_by_label("with a picture").check()
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".text.mine")).to_contain_text(["[picture]"])
    expect(page.locator(".text.theirs").first).to_be_visible()
    with closing(bedside.signed_in()) as nurse:
        assert len(nurse.get("/api/cases?state=waiting").json()["cases"]) == 1


def test_on_a_small_phone_it_fits(bedside: Bedside, page: Page, assistant: ScriptedAssistant) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{bedside.url}/simulator")
    text(page, "what is asthma")
    expect(page.locator(".text.theirs").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    shot(page, "simulator-phone")


def test_numbers_are_in_no_address(bedside: Bedside, page: Page) -> None:
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.goto(f"{bedside.url}/simulator")
    text(page, "what is asthma")
    expect(page.locator(".text.theirs").first).to_be_visible()
    assert not any("2025550111" in address or "asthma" in address for address in addresses)
