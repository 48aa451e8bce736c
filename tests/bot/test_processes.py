"""The two processes from outside: who may come in, where they listen, when they end, what they write."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from handoff.contract import SECRET_HEADER, TURN_PATH
from tests.bot.fake_service import SECRET, FakeService
from tests.bot.processes import ROOT, Conversation, Processes, environment, free_port, launch, watched

LOCAL = ("'127.0.0.1'", " 127.0.0.1", "'localhost'", " localhost")


@pytest.fixture
def own_processes(service: FakeService, model: Path, tmp_path: Path) -> Iterator[Processes]:
    """A pair that the test may break."""
    running = Processes(service.url, model, tmp_path / "log")
    yield running
    for process in running.running.values():
        process.kill()
        process.wait()


@pytest.mark.parametrize("kind", ["assistant", "actions"])
@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x"])
def test_nobody_comes_in_without_the_secret(processes: Processes, kind: str, secret: str | None) -> None:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    with httpx.Client(trust_env=False, base_url=processes.url(kind), headers=headers) as http:
        for path in (TURN_PATH, "/webhook", "/", "/status", "/actions", "/conversations/x/tracker"):
            assert http.get(path).status_code == 401
            assert http.post(path, json={"text": "hi"}).status_code == 401
        assert http.get("/health").status_code == 200


def test_rasas_own_doors_are_not_there(processes: Processes) -> None:
    with httpx.Client(trust_env=False, base_url=processes.url(), headers={SECRET_HEADER: SECRET}) as http:
        for path in ("/webhooks/rest/webhook", "/model/parse", "/conversations/x/messages", "/socket.io"):
            assert http.post(path, json={"text": "hi", "message": "hi"}).status_code == 404


def test_an_error_of_the_action_server_does_not_echo_the_request(processes: Processes) -> None:
    call = {"next_action": "action_find_answer", "tracker": {"slots": "my secret words"}}
    response = processes.post(call, kind="actions", path="/webhook")
    assert response.status_code == 500
    assert "secret words" not in response.text


@pytest.mark.parametrize("kind", ["assistant", "actions"])
def test_it_listens_on_127_0_0_1_only(processes: Processes, kind: str) -> None:
    socket.create_connection(("127.0.0.1", processes.ports[kind]), timeout=5).close()
    with pytest.raises(OSError):  # whoever binds all addresses would answer here as well
        socket.create_connection(("127.0.0.2", processes.ports[kind]), timeout=5)


def test_both_end_when_the_parents_pipe_closes(own_processes: Processes) -> None:
    own_processes.close_pipe()
    for process in own_processes.running.values():
        assert process.wait(5) == 0


def test_without_the_action_server_a_nurse_can_still_be_asked_for(own_processes: Processes) -> None:
    own_processes.running["actions"].kill()
    own_processes.running["actions"].wait()
    patient = Conversation(own_processes)
    patient.fail("what is asthma?")
    assert patient.say("i want to talk to a nurse").outcome == "ask_nurse"
    assert patient.say("hello").outcome == "chat"


def test_logs_say_that_a_turn_failed_and_nothing_of_what_was_written(
    own_processes: Processes, service: FakeService
) -> None:
    patient = Conversation(own_processes)
    patient.say("my grapefruit turned blue, what is asthma?")
    service.raw = 500, b"grapefruit"
    patient.fail("my grapefruit turned blue, what is asthma?")
    own_processes.running["actions"].kill()
    own_processes.running["actions"].wait()
    patient.fail("and the grapefruit again?")
    own_processes.post({"attempt_id": "a", "text": "grapefruit"})
    log = own_processes.log.read_text()
    assert log.count("turn failed attempt=attempt-") == 2
    assert "action failed action=action_find_answer" in log
    assert "rasa.core.processor" in log, "Rasa's own record of it is there, without its words"
    assert "grapefruit" not in log
    assert SECRET not in log


def test_serving_turns_connects_to_nobody_outside(own_processes: Processes, service: FakeService) -> None:
    patient = Conversation(own_processes)
    patient.say("what is asthma?")
    service.raw = 500, b"{}"
    patient.fail("what is asthma?")
    assert _outside(own_processes.connections) == []


@pytest.mark.parametrize("words", [["data", "validate", "--data", "data/nlu"], ["run", "--help"]])
def test_rasas_command_line_connects_to_nobody(tmp_path: Path, words: list[str]) -> None:
    noted = tmp_path / "connections"
    noted.touch()
    done = watched(noted, "rasa", *words)
    assert done.returncode == 0, done.stderr
    assert noted.read_text() == ""


def test_a_crash_inside_rasa_is_reported_to_nobody(tmp_path: Path) -> None:
    """Rasa's command line sends an uncaught exception of its own to a third party; this one is such."""
    noted = tmp_path / "connections"
    crash = f"""
from tests.bot.watched import watch
watch({str(noted)!r})
from bot import slim
slim.prepare()
import rasa.core.utils, rasa.telemetry
rasa.telemetry.initialize_telemetry()
rasa.telemetry.initialize_error_reporting()
rasa.core.utils.list_routes(None)
"""
    command = [sys.executable, "-c", crash]
    done = subprocess.run(command, cwd=ROOT, env=environment({}), capture_output=True, text=True, check=False)
    assert "AttributeError" in done.stderr
    assert noted.read_text() == ""


@pytest.mark.parametrize(
    ("words", "settings", "named"),
    [
        (["assistant"], {}, "BEDSIDE_MODEL"),
        (["assistant"], {"BEDSIDE_MODEL": "no/such/file"}, "BEDSIDE_MODEL"),
        (["actions"], {}, "BEDSIDE_SERVICE_URL"),
        (["actions"], {"BEDSIDE_SERVICE_URL": "http://127.0.0.1:1"}, "BEDSIDE_ACTIONS_PORT"),
        (["actions"], {"BEDSIDE_SERVICE_URL": "x", "BEDSIDE_ACTIONS_PORT": "many"}, "BEDSIDE_ACTIONS_PORT"),
        (["actions"], {"BEDSIDE_PARENT_PIPE": "999"}, "BEDSIDE_PARENT_PIPE"),
        (["test"], {}, "BEDSIDE_MODEL"),
    ],
)
def test_a_missing_setting_is_one_clear_sentence(
    words: list[str], settings: dict[str, str], named: str
) -> None:
    done = launch(*words, settings=settings)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr


def test_no_secret_no_start() -> None:
    settings = {"BEDSIDE_SERVICE_URL": "http://127.0.0.1:1", "BEDSIDE_ACTIONS_PORT": str(free_port())}
    done = launch("actions", settings=settings)
    assert (done.returncode, "BEDSIDE_INTERNAL_SECRET" in done.stderr) == (2, True)


def _outside(noted: Path) -> list[str]:
    lines = noted.read_text().splitlines()
    return [line for line in lines if not any(local in line for local in LOCAL)]
