"""Wake-ups inside one process."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class MemoryWakeups:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count: Counter[str] = Counter()
        self._listeners: set[tuple[frozenset[str], asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def notify(self, topic: str) -> None:
        with self._changed:
            self._count[topic] += 1
            self._changed.notify_all()
            listeners = [one for one in self._listeners if topic in one[0]]
        for _, loop, event in listeners:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    def seen(self, topic: str) -> int:
        with self._changed:
            return self._count[topic]

    def wait(self, topic: str, seen: int, timeout: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._count[topic] != seen, timeout)

    @asynccontextmanager
    async def listen(self, *topics: str) -> AsyncIterator[AsyncIterator[None]]:
        event = asyncio.Event()
        mine = (frozenset(topics), asyncio.get_running_loop(), event)
        with self._changed:
            self._listeners.add(mine)
        try:
            yield _wakes(event)
        finally:
            with self._changed:
                self._listeners.discard(mine)

    def close(self) -> None:
        return None


async def _wakes(event: asyncio.Event) -> AsyncIterator[None]:
    while True:
        await event.wait()
        event.clear()
        yield
