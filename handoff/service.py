"""Runs the service with its worker (`serve`), or a worker alone (`work`), in this process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

import uvicorn

from handoff.app import create_app, make_context
from handoff.child import ChildError, answers
from handoff.errors import BedsideError
from handoff.port import listen, take_port
from handoff.prepare import prepare_database
from handoff.seed import DEMO_PASSWORD
from handoff.settings import Settings
from handoff.worker import Worker

READY_WITHIN = 60.0
"""Seconds, once the assistant serves."""
LAST_REQUESTS_WITHIN = 3
"""Seconds that open requests have to end when we stop; event streams never end by themselves."""
LOOK_EVERY = 0.2


def serve_alone(settings: Settings) -> None:
    """The service with its worker, until a signal comes; the assistant runs elsewhere."""
    listener = take_port(settings)
    prepare_database(settings)
    serve(settings, listener)


def serve(
    settings: Settings, listener: socket.socket, wait_for_assistant: Callable[[], None] = lambda: None
) -> None:
    """Run the service and its worker in this thread until a signal comes.

    Raise BedsideError when the assistant, or the service itself, does not come up in time.
    """
    context = make_context(settings)
    worker = Worker(context)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(context),
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=LAST_REQUESTS_WITHIN,
        )
    )
    failures: list[BedsideError] = []

    def watch_the_start() -> None:
        try:
            wait_for_assistant()
            _wait_until_ready(settings)
            print(_welcome(settings), flush=True)
        except BedsideError as error:
            failures.append(error)
            server.should_exit = True

    listen(listener, settings)
    worker.start()
    threading.Thread(target=watch_the_start, daemon=True).start()
    try:
        server.run(sockets=[listener])
    finally:
        worker.stop()
    if failures:
        raise failures[0]


def work(settings: Settings) -> None:
    """Only a worker, beside services elsewhere; until a signal comes."""
    worker = Worker(make_context(settings))
    worker.start()
    try:
        threading.Event().wait()
    finally:
        worker.stop()


def _wait_until_ready(settings: Settings) -> None:
    until = time.monotonic() + READY_WITHIN
    while not answers(settings.host, settings.port, "/health/ready"):
        if time.monotonic() > until:
            raise ChildError(
                "The service did not become ready; run `bin/bedside doctor` to see what is missing."
            )
        time.sleep(LOOK_EVERY)


def _welcome(settings: Settings) -> str:
    lines = [f"Bedside is ready at {settings.public_url} (Ctrl-C stops it).", ""]
    pages = [("chat", "a patient's web chat")]
    if settings.demo:
        pages.append(("simulator", "a patient's phone"))
    pages += [
        ("desk", "nurses"),
        ("studio", "editors and approvers"),
        ("board", "supervisors"),
    ]
    lines += [f"  {settings.public_url}/{page:<10} {who}" for page, who in pages]
    if settings.demo:
        staff = ("nurse", "nurse2", "editor", "approver", "supervisor", "admin")
        lines += ["", "Sign in as " + ", ".join(f"{name}@example.org" for name in staff)]
        lines += [f"with the password {DEMO_PASSWORD}. No second factor in the demo."]
    return "\n".join(lines)
