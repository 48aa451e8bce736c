"""An approved text as a patient gets it: local facts filled in, SMS counted in segments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from handoff.models.answer import AnswerVersion, Source, Wording
from handoff.settings import Settings

Channel = Literal["sms", "web"]
Form = Literal["short", "full"]

MAX_SEGMENTS = 3
MORE = "Reply MORE for more."
BOLD = re.compile(r"\*\*(.+?)\*\*")
CHEAPER = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-",
                         "\u2026": "...", "\u00a0": " "})
"""Signs that would turn a whole SMS into UCS-2, and what says the same."""
VARIABLE = re.compile(r"\{([a-z_]+)\}")
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""3GPP TS 23.038, 6.2.1: one septet each."""
GSM_EXTENSION = frozenset("^{}\\[~]|€\f")
"""3GPP TS 23.038, 6.2.1.1: two septets each."""
GSM_ONE, GSM_PART = 160, 153
UCS2_ONE, UCS2_PART = 70, 67
"""Characters in a message of one segment and of several (3GPP TS 23.040, 9.2.3.24.1: the header takes 6 octets)."""


@dataclass(frozen=True)
class LocalFacts:
    """What `{variables}` in answers stand for, and where full answers are read."""

    variables: Mapping[str, str]
    public_url: str

    def missing(self, wording: Wording) -> list[str]:
        """The variables of a wording that are unknown or empty here; such a text may not be sent."""
        used = VARIABLE.findall(f"{wording.sms}\n{wording.web}")
        return sorted({name for name in used if not self.variables.get(name)})

    def fill(self, text: str) -> str:
        return VARIABLE.sub(lambda found: self.variables.get(found[1]) or found[0], text)

    def link(self, answer_id: str) -> str:
        return f"{self.public_url}/a/{answer_id}"


def local_facts(settings: Settings, emergency: str, suicide_line: str, poison_line: str) -> LocalFacts:
    """The facts of this clinic and, from its country pack, the numbers to call."""
    variables = {
        "org": settings.org_name,
        "clinic_phone": settings.clinic_phone,
        "after_hours": settings.after_hours_number,
        "portal": settings.portal,
        "emergency": emergency,
        "suicide_line": suicide_line,
        "poison_line": poison_line,
    }
    return LocalFacts(variables, settings.public_url.rstrip("/"))


@dataclass(frozen=True)
class Size:
    """How a text travels by SMS. `surprises` are the characters that force the small UCS-2 segments."""

    segments: int
    encoding: Literal["GSM-7", "UCS-2"]
    surprises: tuple[str, ...] = ()


def render(version: AnswerVersion, channel: Channel, form: Form, facts: LocalFacts) -> str:
    """The text of one approved version, ready to send.

    web: the full answer in our Markdown subset; its sources are shown by the page as links.
    sms, short: the SMS text with its source and how to get more; at most three segments, of which the link
    is the first to go. sms, full: as much of the full answer as three segments hold, with the link.
    """
    if channel == "web":
        return facts.fill(version.web)
    return _sms_full(version, facts) if form == "full" else _sms_short(version, facts)


def source_line(sources: Sequence[Source]) -> str:
    """Such as `Source: MedlinePlus (NIH).`: the two publishers that stand first, each once."""
    publishers = list(dict.fromkeys(source.publisher for source in sources))[:2]
    return f"{'Source' if len(publishers) == 1 else 'Sources'}: {', '.join(publishers)}."


def plain_text(markdown: str) -> str:
    """Our Markdown subset as lines of plain text in signs that SMS carries cheaply."""
    lines = (BOLD.sub(r"\1", line).strip() for line in markdown.translate(CHEAPER).splitlines())
    return "\n".join(f"{line.lstrip('# ')}:" if line.startswith("#") else line for line in lines if line)


def _sms_short(version: AnswerVersion, facts: LocalFacts) -> str:
    text = f"{facts.fill(version.sms).strip()}\n{source_line(version.sources)} {MORE}"
    with_link = f"{text} {facts.link(version.answer_id)}"
    return with_link if sms_size(with_link).segments <= MAX_SEGMENTS else text


def _sms_full(version: AnswerVersion, facts: LocalFacts) -> str:
    end = f"Full answer: {facts.link(version.answer_id)}"
    kept = ""
    for line in plain_text(facts.fill(version.web)).splitlines():
        longer = f"{kept}{line}\n"
        if sms_size(longer + end).segments > MAX_SEGMENTS:
            break
        kept = longer
    return _without_bare_heading(kept) + end


def _without_bare_heading(text: str) -> str:
    """Drop a heading that lost the lines below it."""
    lines = text.splitlines(keepends=True)
    return "".join(lines[:-1] if lines and lines[-1].endswith(":\n") else lines)


def sms_size(text: str) -> Size:
    surprises = tuple(dict.fromkeys(sign for sign in text if sign not in GSM_BASIC and sign not in GSM_EXTENSION))
    if surprises:
        units = len(text.encode("utf-16-le")) // 2
        return Size(_parts(units, UCS2_ONE, UCS2_PART), "UCS-2", surprises)
    units = len(text) + sum(sign in GSM_EXTENSION for sign in text)
    return Size(_parts(units, GSM_ONE, GSM_PART), "GSM-7")


def _parts(units: int, one: int, part: int) -> int:
    return 1 if units <= one else -(-units // part)
