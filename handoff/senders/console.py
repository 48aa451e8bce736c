"""The twins of Twilio for a machine without it: one says that a message would leave, and keeps it; the other
has the one picture that a patient of the simulator can send.

The text itself is not printed: a console is a log.
"""

from __future__ import annotations

import threading
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import structlog

from handoff.errors import DeliveryError
from handoff.senders import Fetched

log = structlog.get_logger()


@dataclass(frozen=True)
class Kept:
    id: str
    to: str
    text: str
    at: datetime


class ConsoleSender:
    receipts = False

    def __init__(self, keep: int = 1000) -> None:
        self._lock = threading.Lock()
        self._keep = keep
        self.kept: list[Kept] = []

    def send(self, to: str, text: str) -> str:
        one = Kept(f"console-{uuid4().hex}", to, text, datetime.now(UTC))
        with self._lock:
            self.kept = [*self.kept[-self._keep + 1 :], one]
        log.info("console_sms", id=one.id, characters=len(text))
        return one.id

    def find(self, to: str, text: str, since: datetime) -> str | None:
        with self._lock:
            same = [one.id for one in self.kept if (one.to, one.text) == (to, text) and one.at >= since]
        return same[-1] if same else None


PICTURE = "simulator:picture"
DOT = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A picture of one dot, as PNG."""


class ConsoleMedia:
    def fetch(self, url: str, most: int) -> Fetched:
        if url != PICTURE:
            raise DeliveryError("it does not lie with the SMS provider", permanent=True)
        if len(DOT) > most:
            raise DeliveryError("it is too large", permanent=True)
        return Fetched("image/png", DOT)

    def address(self, message_id: str, place: int) -> str:
        return PICTURE
