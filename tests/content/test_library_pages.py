"""The library: anybody browses, searches and reads in large letters, and no address holds a question."""

from __future__ import annotations

from contextlib import closing

from playwright.sync_api import Page, expect

from tests.content.test_studio_pages import ASTHMA, accessible
from tests.fixtures import Bedside, shot


def test_a_reader_finds_a_topic_and_every_answer_on_it(bedside: Bedside, page: Page) -> None:
    page.goto(f"{bedside.url}/topics")
    accessible(page)
    shot(page, "library_topics")
    page.get_by_label("What would you like to know?").fill("asthma")
    expect(page.get_by_role("status")).to_contain_text("topic")
    expect(page.locator("summary", has_text="Back pain")).to_be_hidden()
    page.locator("summary", has_text="Asthma").click()
    page.get_by_role("link", name="All about this on one page").click()
    expect(page.get_by_role("heading", name="Asthma", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="What asthma is")).to_be_visible()
    accessible(page)
    shot(page, "library_topic")


def test_a_question_is_searched_by_meaning_and_never_stands_in_the_address(
    bedside: Bedside, page: Page
) -> None:
    page.goto(f"{bedside.url}/topics")
    page.get_by_label("What would you like to know?").fill("is asthma something you can catch")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="What we found")).to_be_visible()
    assert page.url == f"{bedside.url}/topics"
    expect(page.locator("#found + ul a").first).to_have_attribute("href", "/a/asthma.spread")


def test_larger_text_is_remembered(bedside: Bedside, page: Page) -> None:
    page.goto(f"{bedside.url}/a/{ASTHMA}")
    page.get_by_role("button", name="Larger text").click()
    page.goto(f"{bedside.url}/topics/asthma")
    expect(page.get_by_role("button", name="Larger text")).to_have_attribute("aria-pressed", "true")
    accessible(page)


def test_what_is_not_there_is_said_kindly(bedside: Bedside) -> None:
    with closing(bedside.client()) as reader:
        assert reader.get("/topics/no-such-topic").status_code == 404
        nothing = reader.post("/topics", data={"q": ""})
        assert nothing.status_code == 200
        assert "Nothing fits that" in nothing.text
        hostile = reader.post("/topics", data={"q": "<script>alert(1)</script>"})
        assert "<script>alert" not in hostile.text


def test_a_stopped_answer_is_gone_from_its_topic(bedside: Bedside) -> None:
    with closing(bedside.signed_in("nurse@example.org")) as nurse:
        assert f"/a/{ASTHMA}" in nurse.get("/topics/asthma").text
        assert nurse.post(f"/api/answers/{ASTHMA}/stop", json={"reason": "being checked"}).status_code == 200
        assert f"/a/{ASTHMA}" not in nurse.get("/topics/asthma").text
