"""Pages that stay current: an event stream of HTML fragments, each sent again only when it changed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping

from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from handoff.context import Context
from handoff.errors import BedsideError
from handoff.wakeups import DESK
from handoff.web.looks import looks

BEAT_EVERY = 10.0
"""Seconds; the page answers each beat with a sign that its nurse's desk is open (browsers slow down a hidden
page's own timers to one a minute, but not what the network brings)."""
PAUSE = 0.2
"""Seconds between two looks, so that ten changes at once are one."""
RETRY_AFTER = 1000
"""Milliseconds until a browser that has lost the stream asks for it again."""
SHARED_LASTS = 5.0
"""Seconds a shared rendering is used without a wake-up, which is only a hint."""

Fragment = Callable[[], str]


def stream(
    context: Context, request: Request, guard: Callable[[Request], object], fragments: Mapping[str, Fragment]
) -> EventSourceResponse:
    """Send each fragment now, and again when it changes. Ends with `signed-out` once `guard` refuses."""
    return EventSourceResponse(_events(context, lambda: guard(request), fragments), sep="\n")


async def _events(
    context: Context, guard: Callable[[], object], fragments: Mapping[str, Fragment]
) -> AsyncIterator[ServerSentEvent]:
    """Idle, this holds no thread and no database session."""
    sent: dict[str, str] = {}
    async with context.wakeups.listen(DESK) as wakes:
        async for _ in looks(wakes, BEAT_EVERY):
            try:
                news = await run_in_threadpool(_changed, guard, fragments, sent)
            except BedsideError:
                yield ServerSentEvent("now", event="signed-out")
                return
            for name, html in news.items():
                yield ServerSentEvent(html, event=name)
            sent |= news
            yield ServerSentEvent("now", event="beat", retry=RETRY_AFTER)
            await asyncio.sleep(PAUSE)


def _changed(
    guard: Callable[[], object], fragments: Mapping[str, Fragment], sent: Mapping[str, str]
) -> dict[str, str]:
    guard()
    made = {name: make() for name, make in fragments.items()}
    return {name: html for name, html in made.items() if html != sent.get(name)}


class Shared:
    """One rendering for everybody who looks at the same thing, made anew after each wake-up."""

    def __init__(self, context: Context, make: Fragment) -> None:
        self._wakeups = context.wakeups
        self._make = make
        self._lock = threading.Lock()
        self._made: tuple[int, float, str] | None = None

    def __call__(self) -> str:
        with self._lock:
            seen = self._wakeups.seen(DESK)
            if self._made is None or self._made[0] != seen or time.monotonic() > self._made[1] + SHARED_LASTS:
                self._made = (seen, time.monotonic(), self._make())
            return self._made[2]
