"""When a patient asks to be called: "tomorrow 10am", "3pm", "Monday at 9:30", "mañana a las 9 y media".

Strict: a message that says anything else beside a time is no time ("I take it at 3pm").
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MOST = 60
"""Characters; a longer message has more to say than a time."""

_WEEKDAYS = (
    ("mon", "monday", "lunes"), ("tue", "tues", "tuesday", "martes"),
    ("wed", "weds", "wednesday", "miercoles"),
    ("thu", "thur", "thurs", "thursday", "jueves"), ("fri", "friday", "viernes"),
    ("sat", "saturday", "sabado"), ("sun", "sunday", "domingo"),
)  # fmt: skip
_NUMBERS = (
    ("one", "una"), ("two", "dos"), ("three", "tres"), ("four", "cuatro"), ("five", "cinco"), ("six", "seis"),
    ("seven", "siete"), ("eight", "ocho"), ("nine", "nueve"), ("ten", "diez"), ("eleven", "once"),
    ("twelve", "doce"),
)  # fmt: skip
_PARTS = (
    (r"(?:in the|this|de la|por la|en la) (?:morning|manana)|morning", "am"),
    (r"(?:in the|this|de la|por la|en la|esta) (?:afternoon|evening|tarde|noche)", "pm"),
    (r"afternoon|evening|tonight", "pm"),
)
_DAYS = (
    (r"day after tomorrow|pasado manana", 2),
    (r"today|hoy", 0),
    (r"tomorrow|tomorow|tommorow|tmrw|tmr|manana", 1),
)
_NOON = r"(?:at |a |al )?(?:noon|midday|mediodia)"
_TIME = r"(?:at |a las? |las? )?\b(\d{1,2})(?:[:.h](\d{2}))?\s*(o'?clock|am|pm)?\b"
_FILLER = re.compile(
    r"\b(?:please|pls|plz|call|me|at|around|about|on|next|this|ok|okay|yes|can|you|could|a|nurse|the|by|then"
    r"|por favor|llame|llamen|llameme|llamenme|el|la|las|los|a eso de|como|si|que|proximo|este"
    r"|una enfermera)\b"
)


def read(text: str, now: datetime, zone: ZoneInfo) -> list[datetime]:
    """The moments after `now` that this may mean, the likeliest first; none where it is not a time.

    Without a day it is within the next 24 hours. Without AM or PM both may be meant.
    """
    if len(text) > MOST:
        return []
    left = _plain(text)
    left, half = _take_part(left)
    left, day = _take_day(left, now.astimezone(zone).date())
    left, clock = _take_clock(left)
    if clock is None or re.search(r"\w", _FILLER.sub(" ", left)):
        return []
    hour, minute, said = clock
    moments = [
        datetime.combine(on, time(h, minute), zone)
        for on in ([day] if day else _next_days(now.astimezone(zone).date()))
        for h in _hours(hour, said or half)
    ]
    soon = [one for one in moments if one > now and (day or one <= now + timedelta(days=1))]
    return sorted(soon) if day is None else soon


def looks_like_a_time(text: str) -> bool:
    """Whether somebody seems to have tried to name a time, so that not understanding it is said."""
    plain = _plain(text)
    days = "|".join([*(pattern for pattern, _ in _DAYS), *(name for names in _WEEKDAYS for name in names)])
    return len(text) <= MOST and bool(re.search(rf"\d|\b(?:{days}|morning|afternoon|tarde|noon)\b", plain))


def _plain(text: str) -> str:
    """Without accents, capitals and the points of "a.m."."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    bare = re.sub(r"\b([ap])\s?\.?\s?m\b\.?", r"\1m", bare)
    bare = re.sub(r"(\d)([ap]m)\b", r"\1 \2", bare)
    for number, names in enumerate(_NUMBERS, 1):
        bare = re.sub(rf"\b(at|las?) ({'|'.join(names)})\b", rf"\1 {number}", bare)
        bare = re.sub(rf"\b({'|'.join(names)}) (am|pm|o'?clock)\b", rf"{number} \2", bare)
    bare = re.sub(r"\b(\d{1,2}) y media\b", r"\1:30", bare)
    return re.sub(r"\b(\d{1,2}) y cuarto\b", r"\1:15", bare)


def _take_part(text: str) -> tuple[str, str | None]:
    for pattern, half in _PARTS:
        left, found = re.subn(rf"\b(?:{pattern})\b", " ", text)
        if found:
            return left, half
    return text, None


def _take_day(text: str, today: date) -> tuple[str, date | None]:
    for pattern, ahead in _DAYS:
        left, found = re.subn(rf"\b(?:{pattern})\b", " ", text, count=1)
        if found:
            return left, today + timedelta(days=ahead)
    for weekday, names in enumerate(_WEEKDAYS):
        left, found = re.subn(rf"\b(?:{'|'.join(names)})\b", " ", text, count=1)
        if found:
            return left, today + timedelta(days=(weekday - today.weekday()) % 7)
    return text, None


def _take_clock(text: str) -> tuple[str, tuple[int, int, str | None] | None]:
    left, found = re.subn(rf"\b{_NOON}\b", " ", text, count=1)
    if found:
        return left, (12, 0, "pm")
    match = re.search(_TIME, text)
    if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59:
        return text, None
    said = match[3] if match[3] in ("am", "pm") else None
    return text[: match.start()] + " " + text[match.end() :], (int(match[1]), int(match[2] or 0), said)


def _hours(hour: int, half: str | None) -> list[int]:
    """Of the 24 hours, those that are meant."""
    if hour > 12 or hour == 0:
        return [hour]
    morning, evening = hour % 12, hour % 12 + 12
    if half is not None:
        return [morning if half == "am" else evening]
    return [evening, morning] if hour == 12 else [morning, evening]


def _next_days(today: date) -> list[date]:
    return [today, today + timedelta(days=1)]
