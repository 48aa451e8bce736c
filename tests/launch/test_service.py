"""What a start says when not everything is ready."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from handoff import service
from handoff.child import free_port
from handoff.settings import Settings


class NotReady(BaseHTTPRequestHandler):
    """A service in which nothing has been published yet."""

    def do_GET(self) -> None:
        self.send_response(503)
        self.end_headers()
        self.wfile.write(b'{"error": "There is no answer to give."}')

    def log_message(self, *_: object) -> None: ...


def test_a_service_that_is_not_ready_goes_on_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "READY_WITHIN", 0.1)
    with HTTPServer(("127.0.0.1", 0), NotReady) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        settings = Settings(demo=True, port=server.server_port)
        missing = service._what_is_not_ready(settings)
        server.shutdown()
        thread.join()
    assert missing == "There is no answer to give."
    said = service._welcome(settings, missing)
    assert "Not ready: There is no answer to give." in said
    assert "is ready" not in said


def test_a_service_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "READY_WITHIN", 0.1)
    assert service._what_is_not_ready(Settings(demo=True, port=free_port())) == "It does not answer."


def test_outside_the_demo_no_sign_in_is_printed() -> None:
    clinic = Settings(org_name="Clinic", after_hours_number="555-0123", on_call="+12025550123")
    said = service._welcome(clinic, "")
    assert "is ready at http://127.0.0.1:8000" in said
    assert "password" not in said
    assert "simulator" not in said
