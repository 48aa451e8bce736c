"""Searches begun before they are asked for: while the assistant reads a message, it is looked up already.

Reading and looking up take about as long as each other, in two processes, so a patient waits for one of them
only. What was begun and is not asked for is thrown away; what was not begun is looked up when it is asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from handoff.contract import Found

Question = tuple[str, str | None, str]
"""Text, the topic that the conversation is on, language."""
AT_ONCE = 2


class Ahead:
    """Shared by the threads of a process."""

    def __init__(self, find: Callable[[str, str | None, str], Found]) -> None:
        self._find = find
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="search-ahead")
        self._lock = threading.Lock()
        self._begun: dict[Question, Future[Found]] = {}

    @contextmanager
    def begun(self, question: Question | None) -> Iterator[None]:
        """Look the question up in the background, for whoever asks for it while the block lasts."""
        if question is None:
            yield
            return
        with self._lock:
            future = self._begun[question] = self._pool.submit(self._find, *question)
        try:
            yield
        finally:
            future.cancel()
            with self._lock:
                if self._begun.get(question) is future:
                    del self._begun[question]

    def find(self, question: Question) -> Found:
        """What was begun, once it is there; else looked up now. Raises what the search raises."""
        with self._lock:
            future = self._begun.pop(question, None)
        if future is None or future.cancel():  # nobody is at it yet
            return self._find(*question)
        return future.result()
