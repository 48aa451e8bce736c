"""The twin of the SMS sender for a machine without Twilio: it says that a message would leave, and keeps it.

The text itself is not printed: a console is a log.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import structlog

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
