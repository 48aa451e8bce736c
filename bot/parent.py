"""A process of the bot never outlives the one that started it."""

from __future__ import annotations

import os
import threading


def end_with(pipe: int) -> None:
    """End this process at once when the other end of `pipe` (a file descriptor) closes, however that came.

    Raise OSError when there is no such pipe.
    """
    os.fstat(pipe)

    def wait() -> None:
        while os.read(pipe, 1):
            pass
        os._exit(0)

    threading.Thread(target=wait, name="parent", daemon=True).start()
