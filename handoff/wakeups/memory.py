"""Wake-ups inside one process."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from handoff.wakeups import DELIVERIES, MEDIA, TURNS

ONE_IS_ENOUGH = {TURNS, DELIVERIES, MEDIA}
"""Topics on which any one waiter does the work; eight looking at once would be in each other's way."""
EVERYBODY = 1_000_000


class MemoryWakeups:
    """Each topic has its own waiters, so that a wake-up costs nobody else anything."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count: Counter[str] = Counter()
        self._waiters: dict[str, threading.Condition] = {}
        self._listeners: set[tuple[frozenset[str], asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def notify(self, topic: str) -> None:
        with self._lock:
            self._count[topic] += 1
            if topic in self._waiters:
                self._waiters[topic].notify(1 if topic in ONE_IS_ENOUGH else EVERYBODY)
            listeners = [one for one in self._listeners if topic in one[0]]
        for _, loop, event in listeners:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    def seen(self, topic: str) -> int:
        with self._lock:
            return self._count[topic]

    def wait(self, topic: str, seen: int, timeout: float) -> None:
        with self._lock:
            waiters = self._waiters.setdefault(topic, threading.Condition(self._lock))
            waiters.wait_for(lambda: self._count[topic] != seen, timeout)

    @asynccontextmanager
    async def listen(self, *topics: str) -> AsyncIterator[AsyncIterator[None]]:
        event = asyncio.Event()
        mine = (frozenset(topics), asyncio.get_running_loop(), event)
        with self._lock:
            self._listeners.add(mine)
        try:
            yield _wakes(event)
        finally:
            with self._lock:
                self._listeners.discard(mine)

    def close(self) -> None:
        return None


async def _wakes(event: asyncio.Event) -> AsyncIterator[None]:
    while True:
        await event.wait()
        event.clear()
        yield
