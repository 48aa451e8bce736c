"""No word of a patient in a log, whoever logs it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from bot import quiet_logs

SAID = "my grapefruit turned blue"


@pytest.fixture
def written() -> Iterator[StringIO]:
    """Everything that is logged while a test runs; afterwards logging is as it was."""
    factory, root, shown = logging.getLogRecordFactory(), logging.getLogger(), warnings.showwarning
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    quiet_logs.install()
    text = StringIO()
    root.handlers[0].setStream(text)  # type: ignore[attr-defined]
    yield text
    logging.captureWarnings(False)
    logging.setLogRecordFactory(factory)
    root.handlers, warnings.showwarning = handlers, shown
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "name", ["rasa.core.processor", "rasa_sdk.executor", "sanic.error", "asyncio", "root"]
)
def test_others_records_keep_only_their_place(written: StringIO, name: str) -> None:
    logging.getLogger(name).error(f"tracker: {SAID}")
    logging.getLogger(name).error("tracker: %s", SAID)
    logging.getLogger(name).error(SAID, extra={"tracker": SAID}, stack_info=True)
    assert SAID not in written.getvalue()
    assert written.getvalue().count(f"ERROR {name} test_others_records_keep_only_their_place line") == 3


@pytest.mark.parametrize("name", ["rasa.core.processor", "bot.channel"])
def test_an_exception_is_named_and_placed_without_its_words(written: StringIO, name: str) -> None:
    try:
        raise ValueError(SAID)
    except ValueError:
        logging.getLogger(name).exception("it failed")
    assert SAID not in written.getvalue()
    assert "ValueError test_quiet_logs.py line" in written.getvalue()


def test_our_own_records_say_what_we_wrote(written: StringIO) -> None:
    logging.getLogger("bot.channel").info("turn failed attempt=%s", "a-1")
    assert written.getvalue().endswith("INFO turn failed attempt=a-1\n")


def test_rasas_structured_events_are_scrubbed_as_well(written: StringIO) -> None:
    log = structlog.get_logger()
    log.error("processor.message.parse", parse_data_text=SAID)
    log.debug("processor.message.parse", parse_data_text=SAID)
    assert SAID not in written.getvalue()
    assert len(written.getvalue().splitlines()) == 1


def test_a_warning_with_a_text_in_it_is_not_written(written: StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(SAID, stacklevel=1)
    assert written.getvalue() == ""
