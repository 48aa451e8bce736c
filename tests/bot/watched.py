"""Runs `bot.launch` and notes each outgoing connection and name look-up in the file WATCHED_FILE.

`python -m tests.bot.watched WORDS…`, as `python -m bot.launch WORDS…`.
"""

from __future__ import annotations

import os
import sys
from typing import Any

WATCHED = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")


def watch(path: str) -> None:
    file = open(path, "a", buffering=1)  # noqa: SIM115  open as long as the process lives

    def note(event: str, details: tuple[Any, ...]) -> None:
        if event in WATCHED:
            where = details[1] if event in ("socket.connect", "socket.sendto") else details[0]
            file.write(f"{event} {where}\n")

    sys.addaudithook(note)


if __name__ == "__main__":
    watch(os.environ["WATCHED_FILE"])
    from bot.launch import main

    raise SystemExit(main(sys.argv[1:]))
