"""In the web chat: what a patient may choose when nobody is on duty, by button and by keyboard."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from handoff.models.case import Promise
from handoff.models.contact import Contact
from handoff.models.staff import Staff
from handoff.settings import Settings
from tests.browser.patient.helpers import barriers, mine, said, say
from tests.fixtures import Bedside, eventually, shot

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.fixture
def clinic(settings: Settings) -> Settings:
    """Open again the day after tomorrow."""
    day = DAYS[(datetime.now(UTC).weekday() + 2) % 7]
    return settings.model_copy(update={"staff_hours": f"{day} 08:00-17:00", "timezone": "UTC"})


@pytest.fixture
def bedside(bedside: Bedside) -> Bedside:
    """The service with nobody on duty."""
    with bedside.context.transaction() as session:
        session.execute(update(Staff).values(always_on_duty=False))
    return bedside


def test_out_of_hours_the_choices_are_buttons_and_lead_to_a_promised_call(
    page: Page, bedside: Bedside
) -> None:
    page.goto(f"{bedside.url}/chat")
    say(page, "NURSE")
    buttons = page.get_by_role("group", name="Choose one").get_by_role("button")
    expect(buttons).to_have_text(
        [
            "1. Wait for the nurse's answer",
            "2. A nurse calls me at a time I pick",
            "3. What to do if it gets worse",
        ]
    )
    shot(page, "chat-out-of-hours")
    assert barriers(page) == []
    page.get_by_role("button", name="2. A nurse calls me at a time I pick").press("Enter")
    expect(mine(page, "2. A nurse calls me at a time I pick")).to_have_count(1)
    expect(said(page, "system").last).to_contain_text("At which number should a nurse call you?")
    expect(buttons).to_have_text(["1. Skip"])
    say(page, "202-555-0143")
    expect(said(page, "system").last).to_contain_text("When should a nurse call?")
    day = (datetime.now(UTC).weekday() + 2) % 7
    say(page, f"{DAYS[day]} 10am")
    expect(said(page, "system").last).to_contain_text("the number that ends in 0143")
    expect(said(page, "system").last).to_contain_text("10:00 AM to 10:30 AM")
    shot(page, "chat-call-promised")
    eventually(lambda: _promised_call(bedside), "the promise")
    assert barriers(page) == []


def _promised_call(bedside: Bedside) -> bool:
    with bedside.context.database.reading() as session:
        (contact,) = session.scalars(select(Contact).where(Contact.kind == "web"))
        calls = session.scalars(select(Promise).where(Promise.call_at.is_not(None))).all()
        return contact.call_number == "+12025550143" and len(calls) == 1
