"""When nurses are on duty, read from one line such as `mon-fri 08:00-17:00, sat 09:00-12:00`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)")


@dataclass(frozen=True)
class StaffHours:
    """The weekly hours in one time zone. No spans and `always` means day and night."""

    zone: ZoneInfo
    always: bool = False
    spans: tuple[tuple[int, time, time], ...] = ()
    """(weekday with Monday 0, start, end), local time; the end is not included. 24:00 is time.max."""
    holidays: frozenset[date] = frozenset()
    """Local days on which nobody is rostered, `always` or not."""

    @classmethod
    def read(cls, line: str, zone: ZoneInfo, holidays: Iterable[date] = ()) -> StaffHours:
        """Raise ValueError, saying which part is wrong, when the line does not read as hours."""
        closed = frozenset(holidays)
        if line.strip().lower() == "always":
            return cls(zone, always=True, holidays=closed)
        spans = [span for part in line.split(",") for span in _spans(part.strip().lower())]
        return cls(zone, spans=tuple(sorted(spans)), holidays=closed)

    def open_at(self, moment: datetime) -> bool:
        """Whether a nurse is rostered at this moment (aware, any zone)."""
        local = moment.astimezone(self.zone)
        return any(start <= local.time() < end for start, end in self._spans_of(local.date()))

    def next_opening(self, moment: datetime) -> datetime:
        """The moment itself when open, else the start of the next span, in the clinic's zone."""
        local = moment.astimezone(self.zone)
        if self.open_at(moment):
            return local
        days = (local.date() + timedelta(days=ahead) for ahead in range(7 * (len(self.holidays) + 1) + 1))
        starts = (datetime.combine(day, start, self.zone) for day in days for start, _ in self._spans_of(day))
        return next(start for start in starts if start > local)

    def _spans_of(self, day: date) -> list[tuple[time, time]]:
        if day in self.holidays:
            return []
        if self.always:
            return [(time.min, time.max)]
        return [(start, end) for weekday, start, end in self.spans if weekday == day.weekday()]


def _spans(part: str) -> list[tuple[int, time, time]]:
    match = _SPAN.fullmatch(part)
    if not match:
        raise ValueError(f"'{part}' does not read as hours")
    first, last = match["first"], match["last"] or match["first"]
    if first not in DAYS or last not in DAYS:
        raise ValueError(f"'{part}' names a day that is not one of {', '.join(DAYS)}")
    start, end = _time(match["start"]), _time(match["end"])
    if start >= end:
        raise ValueError(f"'{part}' ends before it starts; hours past midnight are two parts")
    count = (DAYS.index(last) - DAYS.index(first)) % 7 + 1
    return [((DAYS.index(first) + step) % 7, start, end) for step in range(count)]


def _time(text: str) -> time:
    if text == "24:00":
        return time.max
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a time of day") from None
