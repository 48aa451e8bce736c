"""A nurse's browser, signed in; any complaint of the browser about our pages fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from handoff.seed import DEMO_PASSWORD
from tests.fixtures import DEADLINE, Bedside

OpenBrowser = Callable[..., BrowserContext]


@pytest.fixture
def open_browser(bedside: Bedside, browser: Browser) -> Iterator[OpenBrowser]:
    """Another person's browser, signed in at the running service."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def heed(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def open_one(email: str = "nurse@example.org", **options: object) -> BrowserContext:
        settings = {"viewport": {"width": 1400, "height": 900}, "base_url": bedside.url} | options
        made = browser.new_context(**settings)  # type: ignore[arg-type]
        made.set_default_timeout(DEADLINE * 1000)
        made.on("console", heed)
        made.on("weberror", lambda error: complaints.append(str(error.error)))
        answer = made.request.post("/api/session", data={"email": email, "password": DEMO_PASSWORD})
        assert answer.ok
        opened.append(made)
        return made

    yield open_one
    for one in opened:
        one.close()
    assert complaints == []


@pytest.fixture
def nurse(open_browser: OpenBrowser) -> BrowserContext:
    return open_browser()


@pytest.fixture
def desk(nurse: BrowserContext) -> Page:
    page = nurse.new_page()
    page.goto("/desk")
    return page
