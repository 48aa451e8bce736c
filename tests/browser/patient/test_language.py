"""The chat in Spanish: from the browser's language or by a button, with what is said to match."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.patient.helpers import barriers, mine, said
from tests.fixtures import Bedside, eventually, shot


def spanish_page(browser: Browser) -> Page:
    return browser.new_context(locale="es-US").new_page()


def language_of_contact(bedside: Bedside) -> str:
    asked = bedside.assistant.asked
    return asked[-1].facts.language if asked else ""


def test_a_browser_in_spanish_gets_a_chat_in_spanish(bedside: Bedside, browser: Browser) -> None:
    page = spanish_page(browser)
    page.goto(f"{bedside.url}/chat")
    expect(page.get_by_role("button", name="Enviar")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "es"
    expect(page.locator("bedside-chat")).to_have_attribute("lang", "es")
    assert barriers(page) == []
    page.get_by_label("Su mensaje").fill("asma")
    page.get_by_label("Su mensaje").press("Enter")
    expect(said(page, "bot")).to_have_count(1)
    assert language_of_contact(bedside) == "es"
    shot(page, "chat_spanish")
    page.context.close()


@pytest.mark.parametrize("started", [False, True], ids=["before the first message", "in a chat"])
def test_a_button_changes_the_language_of_all_words_and_of_the_answers(
    bedside: Bedside, page: Page, started: bool
) -> None:
    page.goto(f"{bedside.url}/chat")
    if started:
        page.get_by_label("Your message").fill("what is asthma")
        page.get_by_label("Your message").press("Enter")
        expect(said(page, "bot")).to_have_count(1)
    page.locator("summary").click()
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("button", name="Enviar")).to_be_visible()
    expect(page.get_by_role("heading", name="Chat de salud de")).to_be_visible()
    if started:
        expect(mine(page, "En español, por favor")).to_be_visible()
        expect(said(page, "system").last).to_contain_text("en español")
    page.get_by_label("Su mensaje").fill("asma")
    page.get_by_label("Su mensaje").press("Enter")
    eventually(lambda: language_of_contact(bedside) == "es", "the answer in Spanish")
    page.reload()
    expect(page.get_by_role("button", name="Enviar")).to_be_visible()
