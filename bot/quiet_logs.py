"""Keeps what patients write out of the logs of Rasa, its SDK and the web server below them.

Rasa puts texts, slots and whole trackers into its messages and exceptions. So of a record that is not ours
only these are kept: the level, the place in the code and the type of the exception.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

OURS = ("bot", "actions", "handoff")


def install(level: int = logging.WARNING) -> None:
    """Scrub every record made from now on in this process; ours from INFO, others from `level`, to stderr."""
    logging.setLogRecordFactory(scrubbed_record)
    logging.captureWarnings(True)
    logging.basicConfig(
        level=level, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr, force=True
    )
    logging.getLogger("py.warnings").setLevel(logging.ERROR)  # without its words a warning says nothing
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    structlog.configure(
        processors=[_only_the_event],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def scrubbed_record(
    name: str,
    level: int,
    path: str,
    line: int,
    message: object,
    args: Any,
    exc_info: Any,
    function: str | None = None,
    stack: str | None = None,
    **rest: Any,
) -> logging.LogRecord:
    """A log record without foreign words, and without the text of any exception, ours included."""
    if name.partition(".")[0] not in OURS:
        message, args = f"{name} {function} line {line}", ()
    error = exc_info[0] if isinstance(exc_info, tuple) else None
    record = logging.LogRecord(name, level, path, line, message, args, None, function, None, **rest)
    if error is not None:
        record.msg, record.args = f"{record.getMessage()} {error.__name__} {_place(exc_info[2])}".strip(), ()
    return record


def _place(trace: Any) -> str:
    """Where it was raised, as `file.py line 12`."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]} line {trace.tb_lineno}"


def _only_the_event(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
    return str(event.get("event", ""))
