"""The safety copy's calls over HTTP: who may, what is refused, and that a refusal changes nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
import pytest

from tests.fixtures import Bedside, eventually

CELL = "us.medical.self.sms.en"
URL = f"/api/safety/{CELL}"
CHANGED = "Call {emergency} now. If you cannot speak, text {emergency} or dial {relay_line}."
SENT = "Call 911 now. If you cannot speak, text 911 or dial 711."
BODY = {"text": CHANGED, "reason": "Shorter is read sooner.", "based_on": "1"}
ODD = "<script>alert(1)</script>'; DROP TABLE safety_text; --\x00\ud800{{7*7}}"


@contextmanager
def client(bedside: Bedside, role: str) -> Iterator[httpx.Client]:
    with closing(bedside.signed_in(f"{role}@example.org")) as made:
        yield made


def raw(client: httpx.Client, path: str, body: Any) -> httpx.Response:
    """Post JSON that may hold what httpx itself would refuse to write."""
    return client.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})


def state(client: httpx.Client) -> Any:
    return client.get(URL).json()


def first_said_in_danger(bedside: Bedside) -> str:
    """What a new web patient in an emergency reads first."""
    with bedside.client() as web:
        token = web.post("/api/chat/sessions").json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        danger = {"client_message_id": "1", "text": "i have crushing chest pain and i can't breathe"}
        assert web.post("/api/chat/messages", json=danger, headers=headers).status_code < 300

        def safety() -> Any:
            found = web.get("/api/chat/messages", headers=headers).json()["messages"]
            return [one["text"] for one in found if one["author"] == "safety"]

        return str(eventually(safety, "safety copy")[0])


def test_two_clinicians_change_what_the_next_patient_reads_within_a_second(bedside: Bedside) -> None:
    cell = "us.medical.self.web.en"
    with client(bedside, "approver") as ada, client(bedside, "approver2") as ben:
        body = {**BODY, "text": f"**{CHANGED}**"}
        made = ada.post(f"/api/safety/{cell}/propose", json=body)
        assert (made.status_code, made.json()["version"]) == (201, "1.1")
        assert "one thing first" not in first_said_in_danger(bedside)
        number = {"number": made.json()["number"]}
        assert ada.post(f"/api/safety/{cell}/approve", json=number).status_code == 403
        assert ben.post(f"/api/safety/{cell}/approve", json=number).json()["status"] == "live"
        before = time.monotonic()
        listed = {one["id"]: one for one in ada.get("/api/safety").json()["texts"]}
        assert time.monotonic() - before < 1
        assert listed[cell]["version"] == "1.1"
        assert listed[cell]["origin"] == "approved by Dr. Ben Approver"
        assert first_said_in_danger(bedside) == f"**{SENT}**"


def test_every_cell_is_listed_as_it_is_sent(bedside: Bedside) -> None:
    with client(bedside, "nurse") as nurse:
        texts = nurse.get("/api/safety").json()["texts"]
    assert {one["id"] for one in texts} == set(
        map(bedside.context.country.copy_id, bedside.context.country.copies)
    )
    assert all("911" in one["text"] and "{" not in one["text"] and one["version"] == "1" for one in texts)
    assert all(one["size"]["segments"] <= 3 for one in texts if one["channel"] == "sms")
    assert all("<" in one["html"] for one in texts if one["channel"] == "web")


@pytest.mark.parametrize("role", ["nurse", "editor", "supervisor", "admin"])
def test_only_approvers_change_it_and_all_others_read(bedside: Bedside, role: str) -> None:
    with client(bedside, "approver") as ada, client(bedside, role) as other:
        number = ada.post(f"{URL}/propose", json=BODY).json()["number"]
        assert other.get(URL).json()["waiting"]["text"] == CHANGED
        for verb, body in (
            ("propose", BODY),
            ("approve", {"number": number}),
            ("decline", {"number": number, "reason": "no"}),
        ):
            answer = other.post(f"{URL}/{verb}", json=body)
            assert answer.status_code == 403
            assert "approver" in answer.json()["error"]
        assert state(ada)["waiting"]["number"] == number
        assert state(ada)["version"] == "1"


def test_nobody_without_a_session_reads_or_changes_it(bedside: Bedside) -> None:
    with bedside.client() as nobody:
        assert nobody.get("/api/safety").status_code == 401
        assert nobody.post(f"{URL}/propose", json=BODY).status_code == 401
    with client(bedside, "approver") as ada:
        del ada.headers["X-CSRF-Token"]
        assert ada.post(f"{URL}/propose", json=BODY).status_code == 403
        assert state(ada)["waiting"] is None


@pytest.mark.parametrize(
    ("change", "status", "field", "says"),
    [
        ({"text": ""}, 422, "text", "There is no text."),
        ({"text": " \n\t"}, 422, "text", "There is no text."),
        ({"text": "x" * 2001}, 422, "text", "missing or not of the right kind"),
        ({"text": None}, 422, "text", "missing or not of the right kind"),
        ({"text": ["Call"]}, 422, "text", "missing or not of the right kind"),
        ({"text": "Call 911 now, or 711."}, 422, "text", "911 is written out"),
        ({"text": "Call {emergency} now."}, 422, "text", "{relay_line} (711) is missing"),
        ({"text": f"{CHANGED} {{nobody}}"}, 422, "text", "{nobody} is no number of this country."),
        ({"text": f"{CHANGED} {ODD}"}, 422, "text", "brace"),
        ({"text": f"{CHANGED} <b>"}, 422, "text", "HTML or a link"),
        ({"text": f"{CHANGED} {'word ' * 100}"}, 422, "text", "SMS segments"),
        ({"reason": ""}, 422, "reason", "Say why the text should change."),
        ({"reason": "x" * 1001}, 422, "reason", "missing or not of the right kind"),
        ({"based_on": "1.7"}, 409, None, "has changed since"),
        ({"based_on": 1}, 422, "based_on", "missing or not of the right kind"),
    ],
)
def test_a_bad_proposal_is_told_what_is_wrong_and_changes_nothing(
    bedside: Bedside, change: dict[str, Any], status: int, field: str | None, says: str
) -> None:
    with client(bedside, "approver") as ada:
        before = state(ada)
        answer = raw(ada, f"{URL}/propose", BODY | change)
        assert answer.status_code == status
        assert says in answer.json()["error"]
        assert answer.json().get("field") == field
        assert state(ada) == before


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("approve", {"number": 7}, 404),
        ("approve", {"number": 0}, 422),
        ("approve", {"number": -1}, 422),
        ("approve", {"number": 2**63}, 422),
        ("approve", {"number": "one"}, 422),
        ("approve", {}, 422),
        ("approve", [], 422),
        ("decline", {"number": 1}, 422),
        ("decline", {"number": 1, "reason": "  "}, 422),
        ("decline", {"number": 7, "reason": "no"}, 404),
    ],
)
def test_a_bad_decision_is_told_what_is_wrong_and_changes_nothing(
    bedside: Bedside, verb: str, body: Any, status: int
) -> None:
    with client(bedside, "approver") as ada, client(bedside, "approver2") as ben:
        assert ada.post(f"{URL}/propose", json=BODY).status_code == 201
        before = state(ada)
        answer = raw(ben, f"{URL}/{verb}", body)
        assert answer.status_code == status
        assert answer.json()["error"].endswith(".")
        assert state(ada) == before


@pytest.mark.parametrize(
    "cell", ["us.medical.self.sms.fr", "us", "..%2f..", "us.medical.SELF.sms.en", "x" * 70]
)
def test_an_unknown_text_is_refused_in_one_sentence(bedside: Bedside, cell: str) -> None:
    with client(bedside, "approver") as ada:
        for answer in (ada.get(f"/api/safety/{cell}"), ada.post(f"/api/safety/{cell}/propose", json=BODY)):
            assert answer.status_code in (404, 405, 422)
            assert answer.json()["error"].endswith(".")


def test_checking_a_text_stores_nothing(bedside: Bedside) -> None:
    with client(bedside, "nurse") as nurse:
        looks = raw(nurse, f"{URL}/check", {"text": f"Call {{emergency}}. {ODD}"}).json()
        assert looks["findings"][0]["stops"]
        assert looks["text"].startswith("Call 911.")
        assert state(nurse)["history"] == []


def test_a_markup_in_a_proposal_is_shown_and_not_obeyed(bedside: Bedside) -> None:
    with client(bedside, "nurse") as nurse:
        looks = nurse.post(
            "/api/safety/us.medical.self.web.en/check", json={"text": "<img src=x onerror=a()>"}
        )
        assert "<img" not in looks.json()["html"]


@pytest.mark.parametrize(
    ("question", "acuity", "sure"),
    [
        ("i have crushing chest pain and i can't breathe", "emergency", "A rule: the words fit it"),
        ("i just want to disappear and never wake up again", "crisis", "above the line"),
        ("what is asthma", "routine", None),
    ],
)
def test_trying_a_question_says_what_triage_found_and_how_sure(
    bedside: Bedside, question: str, acuity: str, sure: str | None
) -> None:
    with client(bedside, "editor") as editor:
        triage = editor.get("/api/answers", params={"q": question}).json()["triage"]
    assert triage["acuity"] == acuity
    assert triage["bot_answers"] == (acuity == "routine")
    assert bool(triage["safety"]) == (acuity in ("crisis", "emergency"))
    if sure is None:
        assert triage["evidence"] == []
    else:
        assert any(sure in one["sure"] for one in triage["evidence"]), triage["evidence"]
        assert all(one["code"] and one["why"] for one in triage["evidence"])


def test_trying_a_danger_shows_the_safety_text_in_force(bedside: Bedside) -> None:
    with client(bedside, "approver") as ada, client(bedside, "approver2") as ben:
        number = ada.post(f"{URL}/propose", json=BODY).json()["number"]
        ben.post(f"{URL}/approve", json={"number": number})
        question = {"q": "i have crushing chest pain and i can't breathe"}
        triage = ada.get("/api/answers", params=question).json()["triage"]
    assert {"id": CELL, "version": "1.1", "text": SENT} in triage["safety"]
