"""An approved text as a patient gets it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.content import markdown
from handoff.content.files import SEEDS, read_folder
from handoff.content.render import MAX_SEGMENTS, sms_full, sms_short, sms_size
from handoff.models.answer import Source
from tests.content.helpers import FACTS, SOUND

ID = "hives.overview"
LINK = FACTS.link(ID)


def test_a_text_message_has_its_facts_its_source_how_to_get_more_and_the_link() -> None:
    text = sms_short(SOUND, ID, FACTS)
    assert "Call 911 now" in text
    assert "{" not in text
    assert text.endswith(f"Source: MedlinePlus (NIH). Reply MORE for more. {LINK}")


def test_two_publishers_are_named_when_there_is_room_and_the_link_goes_last() -> None:
    second = Source("Hives", "A Society of Very Many Words for Skin and Allergy and Asthma", None, None, True)
    two = replace(SOUND, sources=(*SOUND.sources, *SOUND.sources, second))
    assert "Sources: MedlinePlus (NIH), A Society" in sms_short(two, ID, FACTS)
    longer = replace(two, sms="word " * 75)
    assert "Source: MedlinePlus (NIH). Reply MORE" in sms_short(longer, ID, FACTS)
    assert LINK not in sms_short(replace(two, sms="word " * 79), ID, FACTS)


@pytest.mark.parametrize("topic", read_folder(SEEDS), ids=lambda topic: f"{topic.id}.{topic.language}")
def test_every_shipped_answer_fits_in_three_segments_short_and_full(topic) -> None:  # type: ignore[no-untyped-def]
    for answer in topic.answers:
        id = topic.answer_id(answer)
        for form in (sms_short, sms_full):
            text = form(answer.wording, id, FACTS)
            assert sms_size(text).segments <= MAX_SEGMENTS, text
            assert "{" not in text
        assert sms_full(answer.wording, id, FACTS).endswith(FACTS.link(id))


def test_the_full_text_message_goes_on_where_the_short_one_ended() -> None:
    text = sms_full(SOUND, ID, FACTS)
    assert not text.startswith("Hives are itchy bumps")
    assert text.endswith(f"Full answer: {LINK}")
    assert sms_full(replace(SOUND, web="One.\n\n### When to get help\n" + "Long. " * 99), ID, FACTS) == (
        f"Full answer: {LINK}"
    )


def test_missing_facts_are_named() -> None:
    without = replace(FACTS, variables={**FACTS.variables, "emergency": ""})
    assert without.missing(SOUND) == ["emergency"]
    assert FACTS.missing(replace(SOUND, web="{nothing}")) == ["nothing"]


@pytest.mark.parametrize(
    ("text", "segments", "encoding"),
    [
        ("a" * 160, 1, "GSM-7"),
        ("a" * 161, 2, "GSM-7"),
        ("a" * 306, 2, "GSM-7"),
        ("a" * 307, 3, "GSM-7"),
        ("€" * 80, 1, "GSM-7"),
        ("€" * 81, 2, "GSM-7"),
        ("’" + "a" * 69, 1, "UCS-2"),
        ("’" + "a" * 70, 2, "UCS-2"),
        ("\U0001f600" * 35, 1, "UCS-2"),
        ("\U0001f600" * 36, 2, "UCS-2"),
    ],
)
def test_segments_are_counted_as_networks_do(text: str, segments: int, encoding: str) -> None:
    size = sms_size(text)
    assert (size.segments, size.encoding) == (segments, encoding)


def test_markdown_shows_what_looks_like_html_and_obeys_none_of_it() -> None:
    shown = markdown.html(
        '<script>alert(1)</script> [x](javascript:a) <img src=x onerror="b"> ![y](http://z)'
    )
    assert "<script" not in shown
    assert "<img" not in shown
    assert "<a" not in shown
    assert "&lt;script&gt;" in shown


@given(st.text())
def test_no_text_makes_a_tag_of_its_own(text: str) -> None:
    allowed = {"p", "ul", "ol", "li", "h2", "strong", "em", "br"}
    tags = {tag.split(">")[0].split()[0].strip("/") for tag in markdown.html(text).split("<")[1:]}
    assert tags <= allowed
    markdown.plain(text)


def test_the_subset_is_rendered() -> None:
    shown = markdown.html("One **two**.\n\n- three\n\n### Four")
    assert shown == "<p>One <strong>two</strong>.</p>\n<ul>\n<li>three</li>\n</ul>\n<h2>Four</h2>\n"
    assert markdown.plain("One **two**\nthree.\n\n- four\n  five\n\n### Six") == [
        "One two three.",
        "- four five",
        "Six:",
    ]
