"""`bedside evaluate`, as programs outside call it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MESSAGES = [
    {"id": "b", "text": "what is asthma"},
    {"id": "a", "text": "i took all my pills and i want to die"},
    {"id": "c", "text": "ok thanks"},
    {"id": "d", "text": "NURSE"},
    {"id": "e", "text": "crushing chest pain, can't breathe"},
]
FIELDS = {
    "id": str,
    "disposition": str,
    "distress": str,
    "clarify": bool,
    "candidates": list,
    "reasons": list,
    "reply": str,
    "milliseconds": float,
    "triage_milliseconds": float,
}


def evaluate(folder: Path) -> subprocess.CompletedProcess[str]:
    files = ["--in", str(folder / "in.jsonl"), "--out", str(folder / "out.jsonl")]
    command = [str(ROOT / "bin/bedside"), "evaluate", *files]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("evaluate")
    (folder / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in MESSAGES))
    done = evaluate(folder)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]


def test_results_come_in_the_order_of_the_messages(results: list[dict[str, Any]]) -> None:
    assert [row["id"] for row in results] == ["b", "a", "c", "d", "e"]


def test_every_field_is_there_and_of_its_kind(results: list[dict[str, Any]]) -> None:
    for row in results:
        for name, kind in FIELDS.items():
            assert isinstance(row[name], kind), (name, row)


def test_what_bedside_did_is_told_in_the_words_of_the_design(results: list[dict[str, Any]]) -> None:
    assert [row["disposition"] for row in results] == ["educate", "crisis", "other", "nurse", "emergency"]
    assert results[1]["distress"] == "crisis"
    assert results[1]["reasons"][0]["span"]


def test_an_answer_is_named_only_when_its_text_was_sent(results: list[dict[str, Any]]) -> None:
    assert results[0]["answer"]["id"] == "asthma.overview"
    assert "long-term lung disease" in results[0]["reply"]
    assert all(row["answer"] is None for row in results[1:])


def test_a_file_that_is_no_messages_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("not json\n")
    done = evaluate(tmp_path)
    assert done.returncode == 2
    assert "must hold one" in done.stderr
    assert "Traceback" not in done.stderr
