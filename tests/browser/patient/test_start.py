"""The page to start from."""

from playwright.sync_api import Page, expect

from tests.browser.patient.helpers import barriers
from tests.fixtures import Bedside, shot


def test_the_start_page_leads_to_the_chat(bedside: Bedside, page: Page) -> None:
    page.goto(bedside.url)
    expect(page.get_by_role("link", name="911")).to_have_attribute("href", "tel:911")
    shot(page, "start")
    assert barriers(page) == []
    page.get_by_role("link", name="Ask a health question").click()
    expect(page.get_by_label("Your message")).to_be_visible()
