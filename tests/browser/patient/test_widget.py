"""The one-line embed on a clinic's own site, which has its own styles and a strict policy."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from handoff.settings import Settings
from tests.browser.patient.helpers import barriers, bot_messages, box, said, say, visitor
from tests.fixtures import Bedside, ScriptedAssistant, eventually, shot

HOST_STYLE = """
* { color: rgb(1, 2, 3) !important; font: 40px serif !important; letter-spacing: 9px !important; }
body { background: rgb(250, 240, 230); }
p, button, div, section { border: 9px solid red; display: inline; text-transform: uppercase; }
"""
HOST_PAGE = """<!doctype html><html lang="en"><head><title>Our clinic</title>
<link rel="stylesheet" href="/style.css">
<script src="{bedside}/widget.js" {attributes} async></script></head>
<body><main><h1>Our clinic</h1><p>Opening hours</p></main></body></html>"""
OURS = """data-color="#7a1fa2" data-greeting="Ask us about <b>your</b> health." data-position="left\""""
COLOURS = "node => [getComputedStyle(node).backgroundColor, getComputedStyle(node).color]"
OF_BEDSIDE = ["rgb(15, 92, 110)", "rgb(255, 255, 255)"]
MEASURE = """() => [...document.querySelectorAll('main, main *')].map((one) => {
  const style = getComputedStyle(one);
  return [...style].map((name) => `${name}: ${style.getPropertyValue(name)}`).join('; ');
})"""


class Site:
    """A clinic's site with a policy that allows only itself and Bedside."""

    def __init__(self) -> None:
        self.bedside = ""
        self.attributes = OURS
        site = self

        class Pages(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                style = self.path == "/style.css"
                page = HOST_PAGE.replace("{bedside}", site.bedside).replace("{attributes}", site.attributes)
                body = (HOST_STYLE if style else page).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/css" if style else "text/html; charset=utf-8")
                ours = f"script-src {site.bedside}; connect-src {site.bedside}"
                self.send_header("Content-Security-Policy", f"default-src 'none'; style-src 'self'; {ours}")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


@pytest.fixture
def clinic(site: Site, settings: Settings) -> Settings:
    """A clinic that lets its own site embed the chat."""
    return settings.model_copy(update={"chat_origins": (site.url,)})


@pytest.fixture
def bedside(site: Site, bedside: Bedside) -> Bedside:
    site.bedside = bedside.url
    return bedside


@pytest.fixture
def embedded(site: Site, bedside: Bedside, page: Page) -> Iterator[Page]:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(site.url)
    yield page
    assert wrong == []


def test_the_chat_opens_answers_and_closes_on_a_foreign_page(embedded: Page) -> None:
    opener = embedded.get_by_role("button", name="Ask a health question")
    opener.click()
    expect(box(embedded)).to_be_focused()
    expect(said(embedded, "system").first).to_contain_text("Ask us about <b>your</b> health.")
    say(embedded, "what is asthma")
    expect(said(embedded, "bot")).to_have_count(1)
    shot(embedded, "widget")
    assert barriers(embedded) == []
    embedded.keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(embedded.get_by_role("dialog")).to_have_count(0)


def test_the_chat_changes_nothing_on_the_page_around_it(embedded: Page, site: Site) -> None:
    embedded.get_by_role("button", name="Ask a health question").click()
    say(embedded, "hello")
    expect(said(embedded, "bot")).to_have_count(1)
    with_chat = embedded.evaluate(MEASURE)
    embedded.evaluate("document.querySelector('bedside-chat').remove()")
    assert len(with_chat[0]) > 1000
    assert embedded.evaluate(MEASURE) == with_chat
    assert (
        embedded.evaluate("Object.keys(window).filter((name) => /bedside|settings|script/i.test(name))") == []
    )


def test_the_page_around_it_changes_nothing_in_the_chat(embedded: Page) -> None:
    embedded.get_by_role("button", name="Ask a health question").click()
    transform, border, size, spacing = embedded.locator(".message .who").first.evaluate(
        "node => ['textTransform', 'borderTopColor', 'fontSize', 'letterSpacing']"
        ".map((name) => getComputedStyle(node)[name])"
    )
    assert transform == "none"
    assert border != "rgb(255, 0, 0)"
    assert float(size.removesuffix("px")) <= 24
    assert spacing == "normal"


def test_it_takes_the_clinics_colour_with_letters_that_can_be_read_and_its_place(embedded: Page) -> None:
    opener = embedded.get_by_role("button", name="Ask a health question")
    assert opener.evaluate(COLOURS) == ["rgb(122, 31, 162)", "rgb(255, 255, 255)"]
    spot = opener.bounding_box()
    assert spot
    assert spot["x"] < 100


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ('data-color="#ffffcc"', "in the light look it does not stand out from #ffffff"),
        ('data-color="plum; display: none"', "write it as #0f5c6e"),
        ('data-color="#7a1fa2" data-text-color="#6a1a92"', "letters of data-text-color cannot be read on it"),
        ('data-position="top"', "it must be left or right"),
        (f'data-greeting="{"x" * 301}"', "it is longer than 300 characters"),
    ],
)
def test_what_a_site_may_not_set_is_refused_and_the_console_says_why(
    site: Site, bedside: Bedside, page: Page, attributes: str, why: str
) -> None:
    site.attributes = attributes
    with page.expect_console_message(lambda message: why in message.text):
        page.goto(site.url)
    opener = page.get_by_role("button", name="Ask a health question")
    assert opener.evaluate(COLOURS) == OF_BEDSIDE
    spot = opener.bounding_box()
    assert spot
    assert spot["x"] > 100
    opener.click()
    expect(said(page, "system").first).to_contain_text("Ask a health question in your own words")


def test_in_the_dark_a_colour_is_used_only_if_it_stands_out_there(
    site: Site, bedside: Bedside, page: Page
) -> None:
    page.emulate_media(color_scheme="dark")
    site.attributes = 'data-color="#ffd54f" data-text-color="#201a00"'
    page.goto(site.url)
    opener = page.get_by_role("button", name="Ask a health question")
    assert opener.evaluate(COLOURS) == ["rgb(255, 213, 79)", "rgb(32, 26, 0)"]
    opener.click()
    shot(page, "widget-dark")
    assert barriers(page) == []
    site.attributes = OURS
    page.goto(site.url)
    assert opener.evaluate(COLOURS) == ["rgb(108, 199, 220)", "rgb(8, 36, 43)"]


def test_on_a_phone_the_open_chat_fills_the_screen_with_a_person_in_view(
    site: Site, bedside: Bedside, browser: Browser
) -> None:
    page = visitor(browser, has_touch=True)
    page.goto(site.url)
    page.get_by_role("button", name="Ask a health question").tap()
    say(page, "which one")
    expect(page.get_by_role("group", name="Choose one")).to_be_visible()
    expect(page.get_by_role("button", name="Talk to a person")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Close chat")).to_be_in_viewport(ratio=1)
    shot(page, "widget-phone")
    page.context.close()


def test_a_chat_begun_on_one_page_goes_on_on_the_next_and_tells_of_news(
    embedded: Page, site: Site, bedside: Bedside, assistant: ScriptedAssistant
) -> None:
    embedded.get_by_role("button", name="Ask a health question").click()
    assistant.gate.clear()
    say(embedded, "what is asthma")
    expect(said(embedded, "patient")).to_have_count(1)
    embedded.goto(f"{site.url}/another")
    expect(embedded.get_by_role("button", name="Ask a health question")).to_be_visible()
    assistant.gate.set()
    eventually(lambda: bot_messages(bedside), "the answer, while the chat is closed")
    embedded.reload()
    expect(embedded.get_by_role("button", name="New message")).to_be_visible()
    embedded.get_by_role("button", name="New message").click()
    expect(said(embedded, "bot")).to_have_count(1)


def test_a_site_that_is_not_allowed_gets_no_chat(bedside: Bedside, page: Page) -> None:
    stranger = Site()
    stranger.bedside = bedside.url
    page.goto(stranger.url)
    expect(page.get_by_role("heading", name="Our clinic")).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.locator("bedside-chat")).to_have_count(0)
    stranger.close()
