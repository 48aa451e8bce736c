"""`bedside doctor`: what is missing, and how to mend it."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from tests.launch.conftest import Terminal


def test_a_fresh_checkout_is_told_what_to_run(terminal: Terminal) -> None:
    done = terminal.run("doctor")
    assert done.returncode == 1
    assert "✓ Environment service" in done.stdout
    assert "✓ Environment bot" in done.stdout
    assert "✗ Database: not made yet: run `make run`" in done.stdout
    assert "✗ Assistant: not trained" in done.stdout
    assert "run `make train`" in done.stdout
    assert "Traceback" not in done.stderr


def test_all_is_well_once_everything_is_made(trained: Terminal) -> None:
    assert trained.run("migrate").returncode == 0
    done = trained.run("doctor")
    assert "✗" not in done.stdout
    assert "Everything is in place." in done.stdout
    assert done.returncode == 0


def test_tables_of_an_older_bedside_are_told(terminal: Terminal) -> None:
    folder = Path(terminal.environment["BEDSIDE_DATA_DIR"])
    assert terminal.run("migrate").returncode == 0
    (folder / "bedside.db").unlink()
    assert (
        "✗ Database: its tables are not up to date: run `bin/bedside migrate`"
        in terminal.run("doctor").stdout
    )


def test_a_wrong_setting_is_told(terminal: Terminal) -> None:
    done = terminal.run("doctor", BEDSIDE_COUNTRY="usa")
    assert done.returncode == 1
    assert "✗ Settings: BEDSIDE_COUNTRY" in done.stdout


def test_a_busy_port_is_told(terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", terminal.port)):
        done = terminal.run("doctor")
    assert f"✗ Port: Port {terminal.port} on 127.0.0.1 is taken" in done.stdout


def test_a_key_that_others_can_read_is_told(terminal: Terminal) -> None:
    assert terminal.run("migrate").returncode == 0
    key = Path(terminal.environment["BEDSIDE_DATA_DIR"]) / "data.key"
    key.chmod(0o644)
    assert f"✗ Keys: {key} can be read by everybody" in terminal.run("doctor").stdout


class Refuses(BaseHTTPRequestHandler):
    """Twilio, to whom the token is wrong."""

    def do_GET(self) -> None:
        self.send_response(401)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def test_a_twilio_account_that_is_refused_is_told(terminal: Terminal) -> None:
    with HTTPServer(("127.0.0.1", 0), Refuses) as twilio:
        thread = Thread(target=twilio.serve_forever)
        thread.start()
        done = terminal.run(
            "doctor",
            BEDSIDE_TWILIO_ACCOUNT_SID="AC1",
            BEDSIDE_TWILIO_AUTH_TOKEN="wrong-token",
            BEDSIDE_TWILIO_FROM="+12025550100",
            BEDSIDE_TWILIO_API_URL=f"http://127.0.0.1:{twilio.server_port}",
        )
        twilio.shutdown()
        thread.join()
    assert "✗ Text messages: Twilio refuses the account (HTTP 401)" in done.stdout
    assert "wrong-token" not in done.stdout + done.stderr
