"""What time it is where a phone number comes from: nobody wants a call at five in the morning."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone


def zone_of(number: str | None, now: datetime) -> str | None:
    """The time zone that the number's area code stands for; None when there are several with other clocks.

    People move and keep their number, so it is a hint only.
    """
    if not number:
        return None
    try:
        names = timezone.time_zones_for_number(phonenumbers.parse(number))
        offsets = {now.astimezone(ZoneInfo(name)).utcoffset() for name in names}
    except (phonenumbers.NumberParseException, ValueError, KeyError):
        return None
    return names[0] if len(offsets) == 1 else None
