"""Times as they are said to a patient, on the clinic's own clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_DAYS_ES = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_MONTHS_ES = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip
_A_WEEK = timedelta(days=6)
"""From then on the name of a weekday alone could be this week's."""


def clock_words(moment: datetime, now: datetime, zone: ZoneInfo, language: str) -> str:
    """Such as `9:30 AM today`, `8:30 AM on Monday`; `hoy a las 9:30 a. m.`, `el lunes a la 1:30 p. m.`."""
    there, here = moment.astimezone(zone), now.astimezone(zone)
    today, far = there.date() == here.date(), there.date() - here.date() > _A_WEEK
    if language == "es":
        date = f" {there.day} de {_MONTHS_ES[there.month - 1]}" if far else ""
        day = "hoy" if today else f"el {_DAYS_ES[there.weekday()]}{date}"
        return f"{day} {'a la' if there.hour in (1, 13) else 'a las'} {_hour(there, 'es')}"
    date = f", {there.strftime('%B')} {there.day}" if far else ""
    return f"{_hour(there)} " + ("today" if today else f"on {there.strftime('%A')}{date}")


def window_words(start: datetime, end: datetime, now: datetime, zone: ZoneInfo, language: str) -> str:
    """Such as `tomorrow, 10:00 AM to 10:30 AM`; `el lunes, de 8:00 AM a 5:00 PM`. Both on one day."""
    there, here = start.astimezone(zone), now.astimezone(zone)
    until = _hour(end.astimezone(zone))
    days = (there.date() - here.date()).days
    far = days > _A_WEEK.days
    if language == "es":
        date = f" {there.day} de {_MONTHS_ES[there.month - 1]}" if far else ""
        day = {0: "hoy", 1: "mañana"}.get(days, f"el {_DAYS_ES[there.weekday()]}{date}")
        return f"{day}, de {_hour(there, 'es')} a {_hour(end.astimezone(zone), 'es')}"
    date = f", {there.strftime('%B')} {there.day}" if far else ""
    day = {0: "today", 1: "tomorrow"}.get(days, f"{there.strftime('%A')}{date}")
    return f"{day}, {_hour(there)} to {until}"


def _hour(there: datetime, language: str = "en") -> str:
    hour = there.strftime("%I:%M").lstrip("0")
    if language == "es":
        return f"{hour} {'a. m.' if there.hour < 12 else 'p. m.'}"
    return f"{hour} {there.strftime('%p')}"
