"""The assistant's two real processes, as `bedside up` starts them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from handoff.contract import SECRET_HEADER, TURN_PATH, Facts, TurnReply, TurnRequest
from tests.bot.fake_service import SECRET

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv" / "bot" / "bin" / "python"
START_SECONDS = 120.0
ORG = "Maple Street Clinic"


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Ours beside what any process needs; nothing else of Bedside's."""
    theirs = {name: value for name, value in os.environ.items() if not name.startswith("BEDSIDE_")}
    return theirs | {"PYTHONWARNINGS": "ignore"} | dict(ours)


def launch(
    *words: str, folder: Path = ROOT, settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `python -m bot.launch …` to its end, in `folder`'s checkout."""
    return _run("bot.launch", *words, folder=folder, settings=settings or {})


def watched(noted: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The same, and every connection it tries is noted in a file."""
    return _run("tests.bot.watched", *words, folder=ROOT, settings={"WATCHED_FILE": str(noted)})


def _run(
    module: str, *words: str, folder: Path, settings: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PYTHON), "-m", module, *words],
        cwd=folder, env=environment(settings), capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Processes:
    """Starts what is named in `kinds`, each with a pipe to us, and collects what they write."""

    def __init__(
        self, service_url: str, model: Path, log: Path, kinds: tuple[str, ...] = ("actions", "assistant")
    ) -> None:
        self.log = log
        self.ports = {"actions": free_port(), "assistant": free_port()}
        self.connections = log.with_suffix(".connections")
        """Where every connection that a process tries is noted (tests/bot/watched.py)."""
        reading, self._pipe = os.pipe()
        self._environment = environment(
            {
                "BEDSIDE_SERVICE_URL": service_url,
                "BEDSIDE_INTERNAL_SECRET": SECRET,
                "BEDSIDE_ASSISTANT_PORT": str(self.ports["assistant"]),
                "BEDSIDE_ACTIONS_PORT": str(self.ports["actions"]),
                "BEDSIDE_MODEL": str(model),
                "BEDSIDE_PARENT_PIPE": str(reading),
                "WATCHED_FILE": str(self.connections),
            }
        )
        self.running = {kind: self._start(kind, reading) for kind in kinds}
        os.close(reading)
        for kind in kinds:
            self._wait_until_ready(kind)

    def _start(self, kind: str, pipe: int) -> subprocess.Popen[bytes]:
        with open(self.log, "ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.bot.watched", kind],
                cwd=ROOT, env=self._environment, pass_fds=(pipe,), stdout=log, stderr=log,
            )  # fmt: skip

    def _wait_until_ready(self, kind: str) -> None:
        until, pause = time.monotonic() + START_SECONDS, threading.Event()
        while True:
            if self.running[kind].poll() is not None or time.monotonic() > until:
                raise AssertionError(f"the {kind} did not come up:\n{self.log.read_text()}")
            try:
                if httpx.get(self.url(kind) + "/health", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            pause.wait(0.05)

    def url(self, kind: str = "assistant") -> str:
        return f"http://127.0.0.1:{self.ports[kind]}"

    def post(self, body: Any, kind: str = "assistant", path: str = TURN_PATH) -> httpx.Response:
        """As the service does it, within the service's deadline of 4 s (and a little for a busy machine)."""
        with httpx.Client(trust_env=False, timeout=20.0) as http:
            headers = {SECRET_HEADER: SECRET, "Content-Type": "application/json"}
            return http.post(self.url(kind) + path, content=json.dumps(body), headers=headers)

    def close_pipe(self) -> None:
        os.close(self._pipe)

    def stop(self) -> None:
        self.close_pipe()
        for process in self.running.values():
            process.wait(30)


class Conversation:
    """One contact talking: what a turn gives back is carried into the next, as the service does."""

    def __init__(self, processes: Processes, **facts: Any) -> None:
        self.processes = processes
        self.facts = {"channel": "sms", "language": "en", "org": ORG, **facts}
        self.state: dict[str, Any] | None = None
        self.attempts = 0

    def request(self, text: str, **facts: Any) -> dict[str, Any]:
        self.attempts += 1
        return TurnRequest(
            f"attempt-{id(self)}-{self.attempts}", text, Facts(**{**self.facts, **facts}), self.state
        ).to_json()

    def say(self, text: str, **facts: Any) -> TurnReply:
        """A turn that must succeed."""
        response = self.processes.post(self.request(text, **facts))
        assert response.status_code == 200, response.text
        reply = TurnReply.from_json(response.json())
        self.state = reply.state
        return reply

    def fail(self, text: str, **facts: Any) -> httpx.Response:
        """A turn that must not succeed; the state stays as it was."""
        response = self.processes.post(self.request(text, **facts))
        assert response.status_code == 500, response.text
        return response


def texts(reply: TurnReply) -> list[str]:
    return [one.text for one in reply.replies if one.text]


def answers(reply: TurnReply) -> list[tuple[str | None, int | None, str]]:
    return [(one.answer_id, one.version, one.form) for one in reply.replies if one.answer_id]
