"""The web chat, as a patient sees it."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.patient.helpers import (
    PHONE,
    barriers,
    bot_messages,
    box,
    mine,
    nobody_writes,
    said,
    say,
    visitor,
)
from tests.fixtures import Bedside, ScriptedAssistant, eventually, shot

SENDING = re.compile(r"/api/chat/messages$")
READING = re.compile(r"/api/chat/messages\?")
EVENTS = "**/api/chat/events"


@pytest.fixture
def chat(bedside: Bedside, page: Page) -> Iterator[Page]:
    """The chat, open; at the end the page must have had no error and broken no rule of its own."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console", lambda message: wrong.append(message.text) if "Content Security" in message.text else None
    )
    page.goto(f"{bedside.url}/chat")
    expect(box(page)).to_be_visible()  # the widget is a module: it may come after the page itself is loaded
    yield page
    assert wrong == []


def test_a_question_gets_the_approved_answer_with_its_sources(chat: Page, bedside: Bedside) -> None:
    say(chat, "what is asthma")
    answer = said(chat, "bot")
    expect(answer).to_contain_text("Automated answer")
    expect(answer.get_by_role("heading", name="When to get help")).to_be_visible()
    expect(answer.get_by_role("link", name="Sources and the whole answer")).to_have_attribute(
        "href", f"{bedside.url}/a/asthma.overview"
    )
    expect(answer.get_by_role("link", name="911").first).to_have_attribute("href", "tel:911")
    expect(said(chat, "patient")).to_contain_text(["what is asthma"])
    nobody_writes(chat)
    shot(chat, "chat")
    assert barriers(chat) == []


def test_emergency_number_and_a_person_are_always_in_view(chat: Page) -> None:
    for question in ("what is asthma", "what causes asthma", "how is asthma treated"):
        say(chat, question)
    expect(said(chat, "bot")).to_have_count(3)
    expect(chat.get_by_role("link", name="Call 911")).to_be_in_viewport()
    expect(chat.get_by_role("button", name="Talk to a person")).to_be_in_viewport()


def test_who_asks_for_a_person_gets_one(chat: Page) -> None:
    chat.get_by_role("button", name="Talk to a person").click()
    expect(mine(chat, "NURSE (talk to a person)")).to_have_count(1)
    expect(said(chat, "system").last).to_contain_text("nurse")


def test_a_nurse_is_named_and_seen_to_write(chat: Page, bedside: Bedside) -> None:
    chat.get_by_role("button", name="Talk to a person").click()
    expect(said(chat, "system")).not_to_have_count(1)
    with closing(bedside.signed_in()) as nurse:
        case = nurse.post("/api/cases/next").json()
        nurse.post(
            f"/api/cases/{case['id']}/messages",
            json={"client_message_id": "1", "text": "Hello,\nI am <b>here</b>."},
        )
    expect(said(chat, "nurse")).to_contain_text(re.compile(r"Nurse \w+"))
    expect(said(chat, "nurse").locator(".typed")).to_have_text("Hello,\nI am <b>here</b>.")
    shot(chat, "chat-nurse")


def test_danger_is_answered_with_the_safety_message(chat: Page) -> None:
    say(chat, "i want to die")
    expect(said(chat, "safety")).to_contain_text("Safety message")
    expect(said(chat, "safety").get_by_role("link", name="988").first).to_have_attribute("href", "tel:988")
    shot(chat, "chat-safety")
    assert barriers(chat) == []


def test_whatever_is_typed_is_shown_as_text(chat: Page) -> None:
    hostile = "<img src=x onerror=document.title='broken'> <script>document.title='broken'</script> {{7*7}}"
    say(chat, hostile)
    expect(said(chat, "patient").locator(".typed")).to_have_text(hostile)
    expect(said(chat, "bot")).to_have_count(1)
    expect(chat.locator(".log img, .log script")).to_have_count(0)
    expect(chat).to_have_title(re.compile("Health chat"))


def test_an_empty_message_is_not_sent_and_kindly_explained(chat: Page) -> None:
    say(chat, "   ")
    expect(chat.get_by_role("alert")).to_contain_text("Write your question first")
    expect(mine(chat, "")).to_have_count(0)


def test_a_message_that_is_too_long_is_counted_and_kept_in_the_box(chat: Page) -> None:
    box(chat).fill("x" * 4600)
    expect(chat.locator(".counter")).to_have_text("400 characters left")
    say(chat, "x" * 5003)
    expect(chat.get_by_role("alert")).to_contain_text("too long by 3 characters")
    expect(box(chat)).to_have_value("x" * 5003)
    say(chat, "x" * 5000)
    expect(said(chat, "patient")).to_have_count(1)


def test_choices_are_buttons_until_one_is_picked(chat: Page, assistant: ScriptedAssistant) -> None:
    say(chat, "which one")
    expect(chat.get_by_role("group", name="Choose one").get_by_role("button")).to_have_text(
        ["1. What asthma is", "2. Asthma symptoms"]
    )
    shot(chat, "chat-choices")
    assert barriers(chat) == []
    chat.get_by_role("button", name="2. Asthma symptoms").press("Enter")
    expect(mine(chat, "2. Asthma symptoms")).to_have_count(1)
    expect(said(chat, "bot")).to_have_count(2)
    expect(chat.get_by_role("group", name="Choose one")).to_have_count(0)
    expect(said(chat, "bot").first.get_by_role("listitem")).to_have_text(
        ["What asthma is", "Asthma symptoms"]
    )
    expect(box(chat)).to_be_focused()
    assert [request.facts.chosen for request in assistant.asked] == [None, "asthma.symptoms"]


def test_a_rating_is_a_row_of_numbers(chat: Page, assistant: ScriptedAssistant) -> None:
    say(chat, "rate")
    group = chat.get_by_role("group", name="Choose one")
    expect(group.get_by_role("button")).to_have_text(["1", "2", "3", "4", "5"])
    tops = group.get_by_role("button").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().top)"
    )
    assert len(set(tops)) == 1
    shot(chat, "chat-rating")
    group.get_by_role("button", name="4").click()
    expect(said(chat, "patient").last.locator(".typed")).to_have_text("4")
    expect(group).to_have_count(0)


def test_read_aloud_the_chat_comes_in_an_order_that_makes_sense(chat: Page) -> None:
    say(chat, "what is asthma")
    expect(said(chat, "bot")).to_have_count(1)
    read = chat.locator("bedside-chat").aria_snapshot()
    order = (
        "health chat", "Call 911", "Options", "log \"Messages\"", "Ask a health question", "what is asthma",
        "Automated answer", "textbox \"Your message\"", "button \"Send\"", "button \"Talk to a person\"",
    )  # fmt: skip
    places = [read.find(part) for part in order]
    assert -1 not in places, read
    assert places == sorted(places), read


@pytest.mark.parametrize(("motion", "moves"), [("reduce", 0), ("no-preference", 1)])
def test_nothing_moves_for_who_wants_that(
    chat: Page, assistant: ScriptedAssistant, motion: str, moves: int
) -> None:
    chat.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]
    assistant.gate.clear()
    say(chat, "hello")
    expect(chat.locator(".typing")).to_have_text("Writing an answer…")
    assert chat.locator(".typing").evaluate("node => node.getAnimations().length") == moves
    assistant.gate.set()


def test_a_chat_that_cannot_be_loaded_says_so_and_whom_to_call(bedside: Bedside, page: Page) -> None:
    page.route("**/widget/*/element.js", lambda route: route.abort())
    page.goto(f"{bedside.url}/chat")
    expect(page.get_by_role("alert")).to_contain_text("The chat could not be loaded.")
    expect(page.get_by_role("link", name="Call 911")).to_have_count(1)
    shot(page, "chat-not-loaded")
    page.unroute("**/widget/*/element.js")
    page.get_by_role("link", name="Try again").click()
    expect(box(page)).to_be_visible()


def test_everything_can_be_done_by_keyboard(chat: Page) -> None:
    for name in ("Call 911", "Options", "Messages", "Your message", "Send", "Talk to a person"):
        chat.keyboard.press("Tab")
        while chat.evaluate("document.activeElement.matches('.skip')"):
            chat.keyboard.press("Tab")
        focused = chat.evaluate(
            """() => { const at = document.activeElement.shadowRoot.activeElement;
                       return at.ariaLabel || at.labels?.[0]?.textContent || at.textContent; }"""
        )
        assert focused == name


def test_who_stands_on_the_number_to_call_while_the_chat_loads_stays_on_it(
    bedside: Bedside, page: Page
) -> None:
    def stand_there_first(route: Route) -> None:
        page.locator(".loading").get_by_role("link", name="Call 911").focus()
        route.continue_()

    page.route("**/widget/*/element.js", stand_there_first)
    page.goto(f"{bedside.url}/chat")
    expect(box(page)).to_be_visible()
    expect(page.get_by_role("link", name="Call 911")).to_be_focused()


def test_the_patient_sees_that_an_answer_is_on_its_way(chat: Page, assistant: ScriptedAssistant) -> None:
    assistant.gate.clear()
    say(chat, "hello")
    expect(chat.locator(".typing")).to_have_text("Writing an answer…")
    assistant.gate.set()
    expect(said(chat, "bot")).to_have_count(1)
    nobody_writes(chat)


def test_the_chat_and_the_draft_survive_a_reload(chat: Page) -> None:
    say(chat, "what is asthma")
    expect(said(chat, "bot")).to_have_count(1)
    box(chat).fill("and one more th")
    chat.reload()
    expect(said(chat, "bot")).to_have_count(1)
    expect(mine(chat, "what is asthma")).to_have_count(1)
    expect(box(chat)).to_have_value("and one more th")
    say(chat, "hello")
    expect(said(chat, "bot")).to_have_count(2)


def test_what_is_written_without_a_line_is_sent_once_when_it_is_back(chat: Page, bedside: Bedside) -> None:
    say(chat, "hello")
    expect(said(chat, "bot")).to_have_count(1)
    chat.context.set_offline(True)
    say(chat, "hello again")
    say(chat, "what is asthma")
    expect(mine(chat, "hello again")).to_contain_text("Not sent yet")
    expect(chat.get_by_role("status").filter(has_text="Reconnecting")).to_be_visible()
    shot(chat, "chat-offline")
    chat.context.set_offline(False)
    expect(said(chat, "bot")).to_have_count(3)
    expect(said(chat, "patient").locator(".typed")).to_have_text(["hello", "hello again", "what is asthma"])
    expect(chat.get_by_role("status").filter(has_text="Reconnecting")).to_have_count(0)


def test_what_could_not_be_sent_is_sent_after_a_reload(chat: Page) -> None:
    chat.route(SENDING, lambda route: route.abort())
    say(chat, "what is asthma")
    expect(mine(chat, "what is asthma")).to_contain_text("Not sent yet")
    chat.unroute(SENDING)
    chat.reload()
    expect(said(chat, "bot")).to_have_count(1)
    expect(mine(chat, "what is asthma")).to_have_count(1)


def test_a_message_whose_receipt_was_lost_is_neither_doubled_nor_answered_twice(
    chat: Page, assistant: ScriptedAssistant
) -> None:
    tries: list[str] = []

    def lose_receipts(route: Route) -> None:
        tries.append(route.request.post_data or "")
        if len(tries) == 1:
            route.fetch()
        route.abort()

    chat.route(SENDING, lose_receipts)
    with chat.expect_request(lambda request: bool(tries and SENDING.search(request.url))):
        say(chat, "what is asthma")
    expect(said(chat, "bot")).to_have_count(1)
    expect(mine(chat, "what is asthma")).to_have_count(1)
    chat.unroute(SENDING)
    expect(chat.locator(".message.waiting")).to_have_count(0)
    say(chat, "hello")
    expect(said(chat, "bot")).to_have_count(2)
    expect(mine(chat, "what is asthma")).to_have_count(1)
    assert tries[0] == tries[1], "the same message with the same id"
    assert [request.text for request in assistant.asked] == ["what is asthma", "hello"]


def test_the_same_words_twice_are_two_messages(chat: Page) -> None:
    say(chat, "hello")
    expect(said(chat, "bot")).to_have_count(1)
    say(chat, "hello")
    expect(said(chat, "bot")).to_have_count(2)
    expect(mine(chat, "hello")).to_have_count(2)
    chat.reload()
    expect(mine(chat, "hello")).to_have_count(2)


def test_where_events_do_not_come_through_the_chat_asks_now_and_then(bedside: Bedside, page: Page) -> None:
    page.route(EVENTS, lambda route: route.abort())
    page.goto(f"{bedside.url}/chat")
    say(page, "what is asthma")
    expect(said(page, "bot")).to_have_count(1)


def test_what_came_before_a_receipt_is_not_passed_over(chat: Page, bedside: Bedside) -> None:
    chat.route(EVENTS, lambda route: route.abort())
    chat.route(READING, lambda route: route.abort())
    say(chat, "hello")
    eventually(lambda: bot_messages(bedside), "the answer that the page cannot hear of yet")
    say(chat, "what is asthma")
    expect(said(chat, "patient")).to_have_count(2)
    chat.unroute(READING)
    expect(said(chat, "bot")).to_have_count(2)
    expect(chat.locator(".message:not(.system)").locator(".typed, p:nth-child(2)")).to_contain_text(
        ["hello", "Hello, ask me", "what is asthma", "Asthma is"]
    )


def test_an_event_stream_that_breaks_is_taken_up_again(chat: Page, bedside: Bedside) -> None:
    broken: list[str] = []

    def break_once(route: Route) -> None:
        broken.append(route.request.headers["last-event-id"])
        if len(broken) == 1:
            route.fulfill(status=200, content_type="text/event-stream", body="event: hello\ndata: {}\n\n")
        else:
            route.continue_()

    chat.route(EVENTS, break_once)
    say(chat, "hello")
    expect(said(chat, "bot")).to_have_count(1)
    say(chat, "what is asthma")
    expect(said(chat, "bot")).to_have_count(2)
    expect(mine(chat, "hello")).to_have_count(1)


def test_two_tabs_show_one_chat(chat: Page, bedside: Bedside) -> None:
    say(chat, "hello")
    expect(said(chat, "bot")).to_have_count(1)
    other = chat.context.new_page()
    other.goto(f"{bedside.url}/chat")
    say(other, "what is asthma")
    expect(said(other, "bot")).to_have_count(2)
    chat.bring_to_front()
    expect(said(chat, "bot")).to_have_count(2)
    expect(mine(chat, "what is asthma")).to_have_count(1)


def test_ending_the_chat_leaves_nothing_on_the_device(chat: Page) -> None:
    say(chat, "what is asthma")
    expect(said(chat, "bot")).to_have_count(1)
    box(chat).fill("a secret draft")
    end_chat(chat, "Keep chatting")
    expect(said(chat, "bot")).to_have_count(1)
    end_chat(chat, "End chat")
    expect(said(chat, "bot")).to_have_count(0)
    expect(box(chat)).to_have_value("")
    kept = chat.evaluate("JSON.stringify([localStorage, sessionStorage])")
    assert "asthma" not in kept
    assert "secret" not in kept
    assert "token" not in kept
    chat.reload()
    expect(said(chat, "bot")).to_have_count(0)
    say(chat, "hello")
    expect(said(chat, "bot")).to_have_count(1)
    expect(mine(chat, "what is asthma")).to_have_count(0)


def end_chat(chat: Page, answer: str) -> None:
    chat.get_by_text("Options").click()
    chat.get_by_role("button", name="Shared computer? End chat").click()
    chat.get_by_role("dialog").get_by_role("button", name=answer, exact=True).click()


def test_a_chat_that_the_service_no_longer_knows_begins_anew_and_loses_no_words(chat: Page) -> None:
    say(chat, "hello")
    expect(said(chat, "bot")).to_have_count(1)
    chat.evaluate("localStorage.setItem('bedside-chat:token', JSON.stringify('forgotten'))")
    chat.reload()
    expect(chat.get_by_role("status").filter(has_text="begins a new one")).to_be_visible()
    say(chat, "what is asthma")
    expect(said(chat, "bot")).to_have_count(1)


def test_a_browser_that_stores_nothing_can_chat_all_the_same(bedside: Bedside, page: Page) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('switched off'); } })"
    )
    page.goto(f"{bedside.url}/chat")
    say(page, "what is asthma")
    expect(said(page, "bot")).to_have_count(1)
    say(page, "hello")
    expect(said(page, "bot")).to_have_count(2)


def test_without_javascript_the_page_says_whom_to_call(bedside: Bedside, browser: Browser) -> None:
    page = visitor(browser, java_script_enabled=False)
    page.goto(f"{bedside.url}/chat")
    expect(page.get_by_text("In danger? Call 911.", exact=True)).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_on_a_small_phone_everything_fits_and_can_be_read(
    bedside: Bedside, browser: Browser, look: str
) -> None:
    page = visitor(browser, color_scheme=look, reduced_motion="reduce", has_touch=True)
    page.goto(f"{bedside.url}/chat")
    say(page, "which one")
    expect(said(page, "bot")).to_have_count(1)
    say(page, "i want to die")
    expect(said(page, "safety").get_by_text("Safety message")).to_be_in_viewport()
    shot(page, f"chat-phone-{look}")
    assert barriers(page) == []
    assert fits(page)
    page.context.close()


def test_text_can_be_made_twice_as_large_on_a_small_phone(bedside: Bedside, browser: Browser) -> None:
    page = visitor(browser)
    page.goto(f"{bedside.url}/chat")
    say(page, "what is asthma")
    expect(said(page, "bot")).to_have_count(1)
    normal = letter(page)
    page.get_by_text("Options").click()
    for _ in range(3):
        page.get_by_role("button", name="Larger text").click()
    assert letter(page) == 2 * normal
    expect(page.get_by_role("button", name="Normal text")).to_be_visible()
    assert fits(page)
    page.reload()
    expect(said(page, "bot")).to_have_count(1)
    assert letter(page) == 2 * normal
    expect(page.get_by_role("button", name="Talk to a person")).to_be_in_viewport(ratio=1)
    shot(page, "chat-phone-large")
    page.context.close()


def letter(page: Page) -> float:
    """The height of letters in the chat, in pixels."""
    size = page.locator(".message p:not(.who)").first.evaluate(
        "node => parseFloat(getComputedStyle(node).fontSize)"
    )
    return float(size)


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    widest = page.locator("html, .panel, .log").evaluate_all(
        "nodes => Math.max(...nodes.map((one) => one.scrollWidth))"
    )
    return int(widest) <= PHONE["width"]
