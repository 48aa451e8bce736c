""" "Look again": hints between threads and processes, never the truth. Topics are names, nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

TRIAGE, TURNS, DELIVERIES, MEDIA, DESK = "triage", "turns", "deliveries", "media", "desk"


def conversation_topic(id: str) -> str:
    return f"conversation-{id}"


class Wakeups(Protocol):
    def notify(self, topic: str) -> None:
        """Wake everybody who waits for this topic."""

    def seen(self, topic: str) -> int:
        """A number that rises with each notify; take it before looking, give it to `wait` after."""

    def wait(self, topic: str, seen: int, timeout: float) -> None:
        """Return when the topic was notified since `seen`, or after `timeout` seconds."""

    def listen(self, *topics: str) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        """For event streams: yields once for each wake (several may be folded into one)."""

    def close(self) -> None: ...
