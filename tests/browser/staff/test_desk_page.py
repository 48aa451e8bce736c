"""The nurse's desk in a real browser, from "nobody is waiting" to "the assistant takes over again"."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from handoff.journeys import closing
from handoff.journeys import nurse as journeys
from handoff.models.case import Case
from handoff.models.staff import StaffSession
from tests.browser.staff.conftest import OpenBrowser
from tests.fixtures import Bedside, eventually, shot, staff
from tests.journeys.helpers import ALICE, BOB, DANGER, text_only

HOSTILE = "I want to talk to a nurse <img src=x onerror='window.hacked=1'>"


def asks_for_a_nurse(bedside: Bedside, words: str = "I want to talk to a nurse", number: str = ALICE) -> int:
    """A patient's text has become a waiting case."""
    received = text_only(bedside.context, words, number)

    def opened() -> int | None:
        with bedside.context.database.reading() as session:
            for case in Case.queue(session):
                if case.conversation_id == received.conversation_id:
                    return case.id
        return None

    return int(eventually(opened, "the case to wait"))


def holder_of(bedside: Bedside, case_id: int) -> str | None:
    with bedside.context.database.reading() as session:
        holder = session.get_one(Case, case_id).holder
        return holder.email if holder else None


def take(page: Page, case_id: int) -> None:
    page.goto(f"/desk/cases/{case_id}")
    page.get_by_role("button", name="Help this patient").click()
    expect(reply_box(page)).to_be_focused()


def reply_box(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_label("Reply to the patient")


def messages(page: Page):  # type: ignore[no-untyped-def]
    return page.locator("#messages")


def said(page: Page, words: str):  # type: ignore[no-untyped-def]
    """What the transcript holds of a nurse's message with these words."""
    return messages(page).locator(".nurse .msg-text", has_text=words)


def test_a_crisis_appears_by_itself_and_is_seen_through_to_the_end(bedside: Bedside, desk: Page) -> None:
    expect(desk.get_by_text("Nobody is waiting.")).to_be_visible()
    shot(desk, "desk-nobody-waits")
    text_only(bedside.context, DANGER)
    row = desk.locator("#queue-list > li")
    expect(row).to_contain_text("Crisis")
    expect(desk).to_have_title(re.compile(r"^\(1 crisis\)"))
    expect(desk.locator("#arrivals")).to_contain_text("New patient waiting: Crisis")
    shot(desk, "desk-crisis-waits")

    desk.get_by_role("button", name="Help next patient").click()
    expect(desk.locator("#sbar")).to_contain_text(DANGER)
    expect(desk.locator("#evidence q").first).to_be_visible()
    expect(desk).to_have_title("(1 for you) Desk - Bedside")
    expect(reply_box(desk)).to_be_focused()
    desk.locator("#evidence summary").click()
    expect(desk.locator("#evidence details")).to_contain_text("not this patient's words")
    reply_box(desk).focus()
    desk.keyboard.type("Hello, I am Dana. Are you safe?")
    shot(desk, "desk-case")
    desk.keyboard.press("Control+Enter")
    expect(said(desk, "Are you safe?")).to_have_count(1)
    eventually(lambda: "Hello, I am Dana. Are you safe?" in bedside.sender.texts(ALICE), "the text to leave")
    expect(messages(desk).locator(".nurse .delivery")).to_have_text("Sent")

    text_only(bedside.context, "my sister is with me now")
    expect(messages(desk)).to_contain_text("my sister is with me now")
    expect(desk.locator("#mine-list")).to_contain_text("Waits for your reply")
    assert bedside.assistant.asked == []

    desk.get_by_role("button", name="Close case").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Called back").check()
    dialog.get_by_label("The patient agreed").check()
    dialog.get_by_label("Advised", exact=True).select_option("Seen today")
    dialog.get_by_label("The patient's plan").fill("I will stay with my sister")
    dialog.get_by_label("Yes").check()
    dialog.get_by_role("textbox", name="Note").fill("Safe, with her sister.")
    shot(desk, "desk-close")
    dialog.get_by_role("button", name="Sign and close").click()
    expect(desk.locator("#case-head")).to_contain_text("Closed: Called back")
    expect(desk.locator("#closings")).to_contain_text("I will stay with my sister")
    expect(desk.locator("#closings")).to_contain_text("Signed by Nurse Dana")
    expect(reply_box(desk)).to_be_hidden()
    shot(desk, "desk-case-closed")


def test_after_closing_the_assistant_answers_again_and_the_desk_shows_it(
    bedside: Bedside, desk: Page
) -> None:
    id = asks_for_a_nurse(bedside)
    take(desk, id)
    assert bedside.assistant.asked == []
    desk.get_by_role("button", name="Close case").click()
    desk.get_by_role("dialog").get_by_role("button", name="Education given").click()
    expect(desk.locator("#case-head")).to_contain_text("Closed: Education given")
    text_only(bedside.context, "what is asthma")
    expect(messages(desk)).to_contain_text("Echo: what is asthma")


def test_the_second_of_two_nurses_is_told_who_has_the_case(
    bedside: Bedside, desk: Page, open_browser: OpenBrowser
) -> None:
    id = asks_for_a_nurse(bedside)
    luis = open_browser("nurse2@example.org").new_page()
    luis.route("**/api/desk/events*", lambda route: route.abort())  # his page has not heard of it yet
    luis.goto(f"/desk/cases/{id}")
    take(desk, id)
    luis.get_by_role("button", name="Help this patient").click()
    expect(luis.locator("#case-said")).to_have_text("Nurse Dana has this case.")
    assert holder_of(bedside, id) == "nurse@example.org"
    shot(luis, "desk-somebody-else-has-it")


def test_a_page_that_hears_shows_who_has_the_case_and_offers_no_button(
    bedside: Bedside, desk: Page, open_browser: OpenBrowser
) -> None:
    id = asks_for_a_nurse(bedside)
    luis = open_browser("nurse2@example.org").new_page()
    luis.goto(f"/desk/cases/{id}")
    expect(luis.get_by_role("button", name="Help this patient")).to_be_visible()
    take(desk, id)
    expect(luis.locator("#case-head")).to_contain_text("With Nurse Dana")
    expect(luis.get_by_role("button", name="Help this patient")).to_be_hidden()
    expect(luis.get_by_text("You can read along.")).to_be_visible()


def test_a_draft_survives_a_reload_and_a_look_at_another_case(bedside: Bedside, desk: Page) -> None:
    first, second = asks_for_a_nurse(bedside), asks_for_a_nurse(bedside, number=BOB)
    take(desk, first)
    reply_box(desk).fill("Half a sentence")
    desk.reload()
    expect(reply_box(desk)).to_have_value("Half a sentence")
    desk.locator(f"#q-{second} a").click()
    expect(desk.locator("#case-title")).to_contain_text(f"Case {second}")
    expect(reply_box(desk)).to_be_hidden()
    desk.locator(f"#my-{first} a").click()
    expect(reply_box(desk)).to_have_value("Half a sentence")
    desk.go_back()
    expect(desk.locator("#case-title")).to_contain_text(f"Case {second}")


def test_what_the_patient_writes_does_not_disturb_what_the_nurse_types(bedside: Bedside, desk: Page) -> None:
    id = asks_for_a_nurse(bedside)
    take(desk, id)
    desk.keyboard.type("I am ")
    text_only(bedside.context, "hello? anybody?")
    expect(messages(desk)).to_contain_text("hello? anybody?")
    desk.keyboard.type("here")
    expect(reply_box(desk)).to_have_value("I am here")
    expect(reply_box(desk)).to_be_focused()


def test_a_reply_whose_receipt_is_lost_is_sent_again_and_arrives_once(bedside: Bedside, desk: Page) -> None:
    id = asks_for_a_nurse(bedside)
    take(desk, id)
    lost: list[Route] = []

    def lose_the_first_receipt(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route)
        route.fetch()
        route.abort()

    desk.route(f"**/api/cases/{id}/messages", lose_the_first_receipt)
    reply_box(desk).fill("Take your time")
    desk.get_by_role("button", name="Send").click()
    expect(reply_box(desk)).to_have_value("")
    expect(said(desk, "Take your time")).to_have_count(1)
    expect(desk.locator("#outbox li")).to_have_count(0)
    expect(desk.locator("#case-said")).to_be_empty()
    assert len(lost) == 1
    eventually(lambda: "Take your time" in bedside.sender.texts(ALICE), "the text to leave")
    assert bedside.sender.texts(ALICE).count("Take your time") == 1


def test_a_reply_typed_without_a_line_waits_through_a_reload_and_then_leaves(
    bedside: Bedside, desk: Page, nurse: BrowserContext
) -> None:
    id = asks_for_a_nurse(bedside)
    take(desk, id)
    desk.route(f"**/api/cases/{id}/messages", lambda route: route.abort())
    reply_box(desk).fill("Are you still there?")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#outbox")).to_contain_text("Are you still there?")
    expect(desk.locator("#case-said")).to_contain_text("Your message is kept")
    shot(desk, "desk-no-line")
    desk.reload()
    expect(desk.locator("#outbox")).to_contain_text("Are you still there?")
    desk.unroute_all()
    expect(said(desk, "Are you still there?")).to_have_count(1)
    expect(desk.locator("#outbox li")).to_have_count(0)
    eventually(lambda: bedside.sender.texts(ALICE).count("Are you still there?") == 1, "the text to leave")


def test_a_reply_leaves_while_another_case_is_open(bedside: Bedside, desk: Page) -> None:
    first, second = asks_for_a_nurse(bedside), asks_for_a_nurse(bedside, number=BOB)
    take(desk, first)
    desk.route(f"**/api/cases/{first}/messages", lambda route: route.abort())
    reply_box(desk).fill("I will call you")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#case-said")).to_contain_text("Your message is kept")
    desk.locator(f"#q-{second} a").click()
    expect(desk.locator("#outbox-said")).to_contain_text(f"Case {first}: The connection is bad.")
    desk.unroute_all()
    eventually(lambda: "I will call you" in bedside.sender.texts(ALICE), "the text to leave")
    expect(desk.locator("#outbox-said")).to_be_empty()


def test_a_reply_that_is_refused_while_another_case_is_open_becomes_a_draft_again(
    bedside: Bedside, desk: Page
) -> None:
    first, second = asks_for_a_nurse(bedside), asks_for_a_nurse(bedside, number=BOB)
    take(desk, first)
    desk.route(f"**/api/cases/{first}/messages", lambda route: route.abort())
    reply_box(desk).fill("Does it still hurt?")
    desk.keyboard.press("Control+Enter")
    desk.locator(f"#q-{second} a").click()
    sam = staff(bedside.context, "supervisor@example.org")
    journeys.transfer(bedside.context, sam, first, "nurse2@example.org", "")
    desk.unroute_all()
    expect(desk.locator("#outbox-said")).to_have_text(f"Case {first}: Not sent. Nurse Luis has this case.")
    journeys.transfer(bedside.context, sam, first, "nurse@example.org", "")
    desk.locator(f"#my-{first} a").click()
    expect(reply_box(desk)).to_have_value("Does it still hurt?")
    expect(desk.locator("#outbox-said")).to_be_empty()


def test_a_lost_line_is_said_and_found_again(bedside: Bedside, desk: Page, nurse: BrowserContext) -> None:
    expect(desk.get_by_text("Nobody is waiting.")).to_be_visible()
    nurse.route("**/api/desk/events*", lambda route: route.abort())
    desk.reload()
    expect(desk.locator("#connection")).to_contain_text("Reconnecting")
    asks_for_a_nurse(bedside)
    nurse.unroute_all()
    expect(desk.locator("#queue-list > li")).to_have_count(1)
    expect(desk.locator("#connection")).to_be_hidden()


def test_a_reply_to_a_case_that_was_moved_on_comes_back_into_the_box(bedside: Bedside, desk: Page) -> None:
    id = asks_for_a_nurse(bedside)
    take(desk, id)
    desk.route("**/api/desk/events*", lambda route: route.abort())
    desk.reload()
    reply_box(desk).fill("Where does it hurt?")
    sam = staff(bedside.context, "supervisor@example.org")
    journeys.transfer(bedside.context, sam, id, "nurse2@example.org", "shift change")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#case-said")).to_have_text("Not sent. Nurse Luis has this case.")
    expect(reply_box(desk)).to_have_value("Where does it hurt?")


def test_when_the_session_ends_the_draft_is_kept_until_the_nurse_is_back(
    bedside: Bedside, desk: Page
) -> None:
    id = asks_for_a_nurse(bedside)
    take(desk, id)
    reply_box(desk).fill("One moment please")
    with bedside.context.transaction() as session:
        StaffSession.end_all(session, staff(bedside.context))
    text_only(bedside.context, "ok")
    expect(desk.get_by_text("Your session has ended.")).to_be_visible()
    expect(reply_box(desk)).to_have_value("One moment please")
    desk.get_by_role("link", name="Sign in again").click()
    desk.get_by_label("E-mail").fill("nurse@example.org")
    desk.get_by_label("Password").fill("bedside-demo")
    desk.get_by_role("button", name="Sign in").click()
    expect(reply_box(desk)).to_have_value("One moment please")
    expect(messages(desk)).to_contain_text("ok")


def test_signing_out_leaves_no_draft_for_the_next_person(bedside: Bedside, desk: Page) -> None:
    take(desk, asks_for_a_nurse(bedside))
    reply_box(desk).fill("secret")
    desk.get_by_role("button", name="Sign out").click()
    expect(desk.get_by_role("heading", name="Sign in")).to_be_visible()
    assert desk.evaluate("JSON.stringify({...sessionStorage})") == "{}"


def test_eight_tabs_share_one_stream_and_outlive_the_one_that_read_it(
    bedside: Bedside, nurse: BrowserContext
) -> None:
    streams: list[str] = []
    nurse.on("request", lambda asked: streams.append(asked.url) if "/desk/events" in asked.url else None)
    tabs = [nurse.new_page() for _ in range(8)]
    for tab in tabs:
        tab.goto("/desk")
    asks_for_a_nurse(bedside)
    for tab in tabs:
        expect(tab.locator("#queue-list > li")).to_have_count(1)
    assert len(streams) == 1
    tabs[0].close()
    asks_for_a_nurse(bedside, number=BOB)
    for tab in tabs[1:]:
        expect(tab.locator("#queue-list > li")).to_have_count(2)
    assert len(streams) == 2


def test_tabs_with_different_cases_each_follow_their_own(bedside: Bedside, nurse: BrowserContext) -> None:
    ids = [asks_for_a_nurse(bedside), asks_for_a_nurse(bedside, number=BOB)]
    tabs = [nurse.new_page() for _ in ids]
    for tab, id in zip(tabs, ids, strict=True):
        tab.goto(f"/desk/cases/{id}")
    text_only(bedside.context, "first patient again", ALICE)
    text_only(bedside.context, "second patient again", BOB)
    expect(messages(tabs[0])).to_contain_text("first patient again")
    expect(messages(tabs[1])).to_contain_text("second patient again")
    expect(messages(tabs[0])).not_to_contain_text("second patient again")


def test_a_browser_whose_tabs_cannot_share_asks_now_and_then(bedside: Bedside, nurse: BrowserContext) -> None:
    nurse.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    page = nurse.new_page()
    page.goto("/desk")
    asks_for_a_nurse(bedside)
    expect(page.locator("#queue-list > li")).to_have_count(1)


def test_the_desk_is_heard_of_even_when_the_board_reads_the_stream(
    bedside: Bedside, nurse: BrowserContext
) -> None:
    board, desk = nurse.new_page(), nurse.new_page()
    board.goto("/board")
    with desk.expect_request("**/api/desk/heartbeat"):
        desk.goto("/desk")
    eventually(lambda: staff(bedside.context).seen_at, "the heartbeat")


def test_of_many_desk_tabs_one_sends_heartbeats(bedside: Bedside, nurse: BrowserContext) -> None:
    beating: set[Page | None] = set()

    def note(asked: Request) -> None:
        if asked.url.endswith("/heartbeat"):
            beating.add(asked.frame.page)

    nurse.on("request", note)
    tabs = [nurse.new_page() for _ in range(3)]
    for tab in tabs:
        tab.goto("/desk")
    asks_for_a_nurse(bedside)
    for tab in tabs:
        expect(tab.locator("#queue-list > li")).to_have_count(1)
    assert len(beating) == 1


def test_the_title_counts_patients_who_wait_for_this_nurse(bedside: Bedside, desk: Page) -> None:
    take(desk, asks_for_a_nurse(bedside))
    expect(desk).to_have_title("(1 for you) Desk - Bedside")
    desk.keyboard.type("Hello")
    desk.keyboard.press("Control+Enter")
    expect(desk).to_have_title("Desk - Bedside")


def test_sound_is_switched_on_by_hand_and_remembered(bedside: Bedside, desk: Page) -> None:
    desk.get_by_role("button", name="Sound is off").click()
    expect(desk.get_by_role("button", name="Sound is on")).to_have_attribute("aria-pressed", "true")
    desk.reload()
    expect(desk.locator("#sound")).to_have_text(re.compile("Sound is on|press once to hear it"))
    desk.keyboard.press("Tab")
    expect(desk.locator("#sound")).to_have_text("Sound is on")


def test_what_a_patient_types_is_shown_as_text(bedside: Bedside, desk: Page) -> None:
    id = asks_for_a_nurse(bedside, HOSTILE)
    desk.goto(f"/desk/cases/{id}")
    expect(messages(desk)).to_contain_text(HOSTILE)
    text_only(bedside.context, HOSTILE + " again")
    expect(messages(desk)).to_contain_text(HOSTILE + " again")
    assert desk.evaluate("window.hacked") is None


def test_an_approved_answer_is_found_and_sent(bedside: Bedside, desk: Page) -> None:
    take(desk, asks_for_a_nurse(bedside))
    desk.get_by_role("button", name="Approved answers").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("What is the question about?").fill("what is asthma")
    dialog.get_by_role("button", name="Search").click()
    dialog.get_by_role("button", name="Send this answer").first.click()
    expect(messages(desk).locator(".nurse")).to_contain_text("Approved answer Asthma, overview, version 1")


def test_an_answer_that_is_not_there_is_said_in_the_dialog(bedside: Bedside, desk: Page) -> None:
    take(desk, asks_for_a_nurse(bedside))
    desk.get_by_role("button", name="Approved answers").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("What is the question about?").fill("zxqv")
    dialog.get_by_role("button", name="Search").click()
    expect(dialog.locator("#answers-found")).to_have_text("No approved answer fits. Try other words.")


def test_the_counter_says_how_many_texts_a_reply_takes(bedside: Bedside, desk: Page) -> None:
    take(desk, asks_for_a_nurse(bedside))
    size = desk.locator("#reply-size")
    reply_box(desk).fill("x" * 160)
    expect(size).to_contain_text("1 text, 0 characters left")
    reply_box(desk).fill("x" * 161)
    expect(size).to_contain_text("2 texts")
    reply_box(desk).fill("Don’t worry")
    expect(size).to_contain_text("The sign ’ halves what fits into one text.")
    desk.get_by_role("button", name="Use plain signs").click()
    expect(reply_box(desk)).to_have_value("Don't worry")
    expect(size).not_to_contain_text("halves")


def test_a_transfer_reaches_the_other_nurses_desk_with_its_note(
    bedside: Bedside, desk: Page, open_browser: OpenBrowser
) -> None:
    id = asks_for_a_nurse(bedside)
    luis = open_browser("nurse2@example.org").new_page()
    luis.goto("/desk")
    take(desk, id)
    desk.get_by_role("button", name="Note").click()
    desk.get_by_role("dialog").get_by_label("Only staff read this").fill("Lives alone")
    desk.get_by_role("button", name="Save note").click()
    expect(desk.locator("#history")).to_contain_text("Lives alone")
    desk.get_by_role("button", name="Transfer").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("To whom").select_option(label="Nurse Luis (on duty, 0 cases)")
    dialog.get_by_label("Note for whoever takes over").fill("Prefers short texts")
    dialog.get_by_role("button", name="Transfer").click()
    expect(desk.locator("#case-head")).to_contain_text("With Nurse Luis")
    luis.locator(f"#my-{id} a").click()
    expect(luis.locator("#history")).to_contain_text("Lives alone")
    expect(luis.locator("#history")).to_contain_text("Prefers short texts")
    expect(reply_box(luis)).to_be_visible()


def test_a_refused_act_is_said_in_its_dialog_and_loses_nothing(bedside: Bedside, desk: Page) -> None:
    id = asks_for_a_nurse(bedside)
    take(desk, id)
    desk.get_by_role("button", name="Note").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Only staff read this").fill("Called twice")
    journeys.release(bedside.context, staff(bedside.context), id, "phone call")
    dialog.get_by_role("button", name="Save note").click()
    expect(dialog.get_by_role("alert")).to_have_text("Nobody has this case right now: claim it first.")
    expect(dialog.get_by_label("Only staff read this")).to_have_value("Called twice")


def test_both_sides_of_a_web_chat_see_that_somebody_is_writing(bedside: Bedside, desk: Page) -> None:
    with bedside.client() as patient:
        token = patient.post("/api/chat/sessions").json()["token"]
        patient.headers["Authorization"] = f"Bearer {token}"
        patient.post("/api/chat/messages", json={"client_message_id": "1", "text": "I want a nurse please"})
        desk.locator("#queue-list > li a").click()
        desk.get_by_role("button", name="Help this patient").click()
        expect(reply_box(desk)).to_be_focused()
        patient.post("/api/chat/typing")
        expect(desk.get_by_text("The patient is writing…")).to_be_visible()
        desk.keyboard.type("Hello")
        eventually(
            lambda: patient.get("/api/chat/messages").json()["typing"] == "nurse", "the nurse's typing"
        )


def test_on_a_phone_queue_and_case_are_two_views(bedside: Bedside, open_browser: OpenBrowser) -> None:
    id = asks_for_a_nurse(bedside)
    page = open_browser(
        viewport={"width": 360, "height": 740}, has_touch=True, color_scheme="dark"
    ).new_page()
    page.goto("/desk")
    shot(page, "desk-phone-queue")
    page.locator(f"#q-{id} a").tap()
    expect(page.locator("#case-title")).to_be_visible()
    expect(page.locator("#queue")).to_be_hidden()
    page.get_by_role("button", name="Help this patient").tap()
    expect(reply_box(page)).to_be_visible()
    shot(page, "desk-phone-case")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_role("link", name="All patients").tap()
    expect(page.locator("#queue")).to_be_visible()
    expect(page.locator("#case-title")).to_be_hidden()


def test_a_whole_case_is_done_by_keyboard_alone(bedside: Bedside, desk: Page) -> None:
    asks_for_a_nurse(bedside)
    expect(desk.locator("#queue-list > li")).to_have_count(1)
    press_until_focused(desk, "Help next patient")
    desk.keyboard.press("Enter")
    expect(reply_box(desk)).to_be_focused()
    desk.keyboard.type("Hello")
    desk.keyboard.press("Control+Enter")
    expect(said(desk, "Hello")).to_have_count(1)
    press_until_focused(desk, "Close case")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name="Education given")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("#case-head")).to_contain_text("Closed: Education given")
    expect(desk.get_by_role("button", name="Help next patient")).to_be_focused()


def press_until_focused(page: Page, name: str) -> None:
    """Tab on, as somebody without a mouse does."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(
            "document.activeElement.textContent.trim().startsWith(name)".replace("name", repr(name))
        ):
            return
    raise AssertionError(f"the Tab key never reaches {name}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_of_the_desk_can_be_used_by_everybody(
    bedside: Bedside, open_browser: OpenBrowser, scheme: str
) -> None:
    page = open_browser(color_scheme=scheme).new_page()
    page.goto("/desk")
    no_barriers(page)
    text_only(bedside.context, DANGER, BOB)
    id = asks_for_a_nurse(bedside)
    expect(page.locator("#queue-list > li")).to_have_count(2)
    no_barriers(page)
    page.goto(f"/desk/cases/{id}")
    no_barriers(page)
    take(page, id)
    reply_box(page).fill("Don’t worry " + "x" * 600)
    no_barriers(page)
    for button in (
        "Approved answers", "Note", "Change acuity", "Transfer", "Give back", "Fill in", "Close case",
    ):  # fmt: skip
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        no_barriers(page)
        page.keyboard.press("Escape")
    closing.close(bedside.context, staff(bedside.context), id, "other", "", return_to_bot=True)
    expect(page.locator("#case-head")).to_contain_text("Closed")
    no_barriers(page)
    page.get_by_role("button", name="Add to the closed note").click()
    no_barriers(page)


def no_barriers(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
