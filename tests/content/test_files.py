"""Answer files: read, written, refused with a sentence that names the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from handoff.content.files import SEEDS, read_folder, read_topic, write_topic
from handoff.errors import Invalid

WHOLE = """
topic: asthma
title: Asthma
reviewed_on: 2026-11-22
review_due: 2027-11-22
answers:
  - aspect: overview
    title: What asthma is
    sms: Call {emergency} now.
    web: |
      Asthma is a lung
      disease.

      - one
        and more
      - two
      ### When to get help
      Call now.
    questions: [what is asthma]
    sources:
      - {title: Asthma, publisher: MedlinePlus, to_check: true}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "asthma.yml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.yml")), ids=lambda path: path.stem)
def test_a_shipped_file_is_read_and_written_without_loss(path: Path, tmp_path: Path) -> None:
    topic = read_topic(path)
    write_topic(topic, tmp_path / path.name)
    assert read_folder(tmp_path) == [topic]


def test_lines_that_a_file_wraps_become_one(tmp_path: Path) -> None:
    web = read_topic(written(tmp_path, WHOLE)).answers[0].wording.web
    assert web == "Asthma is a lung disease.\n\n- one and more\n- two\n### When to get help\nCall now."


def test_language_and_audience_are_english_and_adults_unless_said(tmp_path: Path) -> None:
    topic = read_topic(written(tmp_path, WHOLE))
    assert topic.answer_id(topic.answers[0]) == "asthma.overview"
    spanish = read_topic(written(tmp_path, "language: es\naudience: child\n" + WHOLE))
    assert spanish.answer_id(spanish.answers[0]) == "asthma.overview.es.child"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "asthma.yml: should hold named fields"),
        ("answers: [", "asthma.yml: cannot be read as YAML"),
        (WHOLE.replace("topic: asthma", ""), "asthma.yml: 'topic' is missing"),
        (WHOLE.replace("2026-11-22", "soon", 1), "asthma.yml: 'reviewed_on' must be a date"),
        (WHOLE.replace("aspect: overview", "aspect: gossip"), "asthma.yml, answers 1: 'aspect' is 'gossip'"),
        (WHOLE.replace("sms: Call {emergency} now.", "sms:"), "asthma.yml, answers 1, overview: 'sms'"),
        (WHOLE.replace("[what is asthma]", "[yes]"), "overview: 'questions' must be a list of texts"),
        (WHOLE.replace("to_check: true", "to_check: maybe"), "sources 1: 'to_check' must be true or false"),
        (WHOLE.split("answers:")[0], "asthma.yml: 'answers' must be a list"),
    ],
)
def test_a_broken_file_says_where_and_what(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_topic(written(tmp_path, text))
    assert says in str(refused.value)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "asthma.yml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Invalid, match=r"asthma\.yml"):
        read_topic(path)
