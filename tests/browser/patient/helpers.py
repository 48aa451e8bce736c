"""What the patient's browser tests share."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import func, select

from handoff.contract import Choice, Form, Reply, TurnReply, TurnRequest
from handoff.models.conversation import BOT, Message
from tests.fixtures import Bedside

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PHONE = {"width": 360, "height": 640}


def box(page: Page) -> Locator:
    return page.get_by_label("Your message")


def say(page: Page, text: str) -> None:
    box(page).fill(text)
    box(page).press("Enter")


def said(page: Page, author: str) -> Locator:
    """The messages of one author, oldest first. What is only on its way is not among the patient's."""
    return page.locator(f".message.{author}:not(.waiting)")


def mine(page: Page, text: str) -> Locator:
    """The patient's own messages that read like this, on their way or not."""
    return page.locator(".message.patient").filter(has_text=text)


def nobody_writes(page: Page) -> None:
    expect(page.locator(".typing")).to_be_empty()


def barriers(page: Page) -> list[dict[str, Any]]:
    """What WCAG 2.2 AA says against the page, as far as a machine can tell."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [{"rule": one["id"], "where": [node["target"] for node in one["nodes"]]} for one in found]


def visitor(browser: Browser, **how: Any) -> Page:
    """A page in a browser of its own."""
    return browser.new_context(**{"viewport": PHONE, **how}).new_page()


def bot_messages(bedside: Bedside) -> int:
    """How many there are in the database, whoever has seen them."""
    with bedside.context.database.reading() as session:
        return session.scalar(select(func.count()).where(Message.author == BOT)) or 0


def clinic(request: TurnRequest) -> TurnReply:
    """An assistant with one answer, one question back and a greeting."""
    if request.facts.chosen:
        return answered(request, request.facts.chosen)
    if "asthma" in request.text:
        return answered(request, "asthma.overview")
    if "which" in request.text:
        choices = (Choice("What asthma is", "asthma.overview"), Choice("Asthma symptoms", "asthma.symptoms"))
        return TurnReply("clarify", (Reply(text="Which of these do you mean?"),), choices)
    if "rate" in request.text:
        ratings = tuple(Choice(str(stars), f"rating.{stars}") for stars in range(1, 6))
        return TurnReply("clarify", (Reply(text="How was it, from 1 to 5?"),), ratings)
    return TurnReply("chat", (Reply(text="Hello, ask me a health question."),), intent="greet")


def answered(request: TurnRequest, answer_id: str) -> TurnReply:
    form: Form = "full" if request.facts.channel == "web" else "short"
    reply = Reply(answer_id=answer_id, version=1, form=form)
    return TurnReply("answered", (reply,), topic=answer_id.split(".")[0])
