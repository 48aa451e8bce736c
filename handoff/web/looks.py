"""When an event stream should look again: at each wake-up, and by itself every so often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable


async def looks(wakes: AsyncIterator[None], every: float | Callable[[], float]) -> AsyncIterator[None]:
    """Yield at once, at each wake-up, and after `every` seconds without one (a wake-up is only a hint)."""
    woken = asyncio.ensure_future(anext(wakes))
    try:
        while True:
            yield
            await asyncio.wait({woken}, timeout=every() if callable(every) else every)
            if woken.done():
                woken = asyncio.ensure_future(anext(wakes))
    finally:
        woken.cancel()
