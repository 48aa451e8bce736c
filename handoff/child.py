"""One process beside ours: started again when it ends, and never left behind when we do."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import structlog

from handoff.errors import BedsideError

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY_AFTER = 60.0
"""Seconds after which a child counts as well, and its next restart is quick again."""
STOP_WITHIN = 5.0
ASK_EVERY = 0.1
OK = 200

log = structlog.get_logger()


class ChildError(BedsideError):
    """A child did not come up."""


class Child:
    """A server on a loopback port that answers 200 to `GET /health` once it serves.

    It gets the reading end of a pipe (BEDSIDE_PARENT_PIPE). Only we hold the writing end: however we end,
    also by `kill -9`, it reads the end of file and exits.
    """

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path, port: int
    ) -> None:
        self.name = name
        self.port = port
        self._command, self._environment, self._folder = command, environment, folder
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: int | None = None
        self._changing = threading.Lock()
        self._stopping = threading.Event()
        self._keeper: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Return at once; `wait_until_ready` says when it serves."""
        self._stopping.clear()
        self._spawn()

    def wait_until_ready(self, within: float) -> None:
        """Wait until it serves; from then on it is started again whenever it ends.

        Raise ChildError when it ends before it ever served, or does not serve within so many seconds.
        """
        until = time.monotonic() + within
        while not self.is_ready():
            code = self._process.poll() if self._process else None
            if code is not None:
                raise ChildError(
                    f"The {self.name} ended with code {code} while starting; see its words above."
                )
            if time.monotonic() > until:
                raise ChildError(f"The {self.name} did not answer within {within:.0f} seconds; try again.")
            self._stopping.wait(ASK_EVERY)
        if not self._keeper:
            self._keeper = threading.Thread(target=self._keep, name=f"keeper-{self.name}", daemon=True)
            self._keeper.start()

    def is_ready(self) -> bool:
        return answers("127.0.0.1", self.port, "/health")

    def restart(self) -> None:
        """End it at once; it is started again."""
        if self._process:
            self._process.kill()

    def stop(self) -> None:
        """End it and wait until it is gone; safe to call twice."""
        with self._changing:
            self._stopping.set()
            self._close_pipe()
        if self._process:
            try:
                self._process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._keeper:
            self._keeper.join()
            self._keeper = None

    def _spawn(self) -> None:
        reading, self._pipe = os.pipe()
        try:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env={**self._environment, "BEDSIDE_PARENT_PIPE": str(reading)},
                pass_fds=(reading,),
                stdin=subprocess.DEVNULL,
                process_group=0,  # Ctrl-C is for us: we stop our children in order
            )
        finally:
            os.close(reading)

    def _keep(self) -> None:
        pause, started = FIRST_PAUSE, time.monotonic()
        while self._process:
            code = self._process.wait()
            if time.monotonic() - started > STEADY_AFTER:
                pause = FIRST_PAUSE
            if self._stopping.is_set():
                return
            log.warning("child_ended", child=self.name, code=code, again_in_seconds=pause)
            self._stopping.wait(pause)
            with self._changing:
                if self._stopping.is_set():
                    return
                self._close_pipe()
                self._spawn()
            pause, started = min(pause * 2, LONGEST_PAUSE), time.monotonic()

    def _close_pipe(self) -> None:
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None


def answers(host: str, port: int, path: str) -> bool:
    """Whether `GET path` there gives 200 within a second."""
    return ask(host, port, path)[0] == OK


def ask(host: str, port: int, path: str) -> tuple[int, bytes]:
    """Status and body of `GET path`, never by a proxy; (0, b"") when nobody answers within a second."""
    connection = HTTPConnection(host, port, timeout=1.0)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()


def free_port() -> int:
    """A loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
