"""An approved text as a patient gets it: local facts filled in, SMS counted in segments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from handoff.content.markdown import plain
from handoff.models.answer import AnswerVersion, Wording, language_of
from handoff.settings import Settings

Channel = Literal["sms", "web"]
Form = Literal["short", "full"]

MAX_SEGMENTS = 3
TAILS = {
    "en": ("Source", "Sources", "Reply MORE for more.", "Full answer:"),
    "es": ("Fuente", "Fuentes", "Responda MÁS.", "Completo:"),
}
"""What stands around source, link and the way to more. Short in Spanish: its accents cost half the room."""
CHEAPER = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014\u00a0", "''\"\"-- ")
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
"""Characters in a message of one segment and of several (3GPP TS 23.040, 9.2.3.24.1: 6 octets of header)."""


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

    web: full is the answer in our Markdown subset, short the plain SMS text; sources are links beside both.
    sms: at most three segments; short is the SMS text with its source, full what it left out.
    """
    if channel == "web":
        return facts.fill(version.web if form == "full" else version.sms)
    short_or_full = sms_full if form == "full" else sms_short
    return short_or_full(version.wording, version.answer_id, facts)


def usual_form(channel: str) -> Form:
    """What a patient gets who has not asked for more, nor for it more simply."""
    return "full" if channel == "web" else "short"


def source_line(publishers: Sequence[str], language: str = "en") -> str:
    """Such as `Source: MedlinePlus (NIH).`; nothing for a draft that names none yet."""
    one, many, _, _ = _tail(language)
    return f"{one if len(publishers) == 1 else many}: {', '.join(publishers)}. " if publishers else ""


def _tail(language: str) -> tuple[str, str, str, str]:
    return TAILS.get(language, TAILS["en"])


def sms_short(wording: Wording, answer_id: str, facts: LocalFacts) -> str:
    """The SMS text with the publishers that stand first, how to get more, and the link.

    When three segments do not hold it all, the second publisher goes first, then the link.
    """
    language, link = language_of(answer_id), facts.link(answer_id)
    publishers = list(dict.fromkeys(source.publisher for source in wording.sources))
    text, more = facts.fill(wording.sms).strip(), _tail(language)[2]
    tries = [f"{text}\n{source_line(publishers[:many], language)}{more} {link}" for many in (2, 1)]
    last = f"{text}\n{source_line(publishers[:1], language)}{more}"
    return next((one for one in tries if sms_size(one).segments <= MAX_SEGMENTS), last)


def sms_full(wording: Wording, answer_id: str, facts: LocalFacts) -> str:
    """As much of the web text as fits, and the link.

    The opening paragraph is left out: it says what the short form has said.
    """
    end = f"{_tail(language_of(answer_id))[3]} {facts.link(answer_id)}"
    kept: list[str] = []
    for line in plain(facts.fill(wording.web).translate(CHEAPER))[1:]:
        if sms_size("\n".join([*kept, line, end])).segments > MAX_SEGMENTS:
            break
        kept.append(line)
    if kept and kept[-1].endswith(":"):
        kept.pop()  # a heading that lost what stood below it
    return "\n".join([*kept, end])


def sms_size(text: str) -> Size:
    surprises = tuple(
        dict.fromkeys(sign for sign in text if sign not in GSM_BASIC and sign not in GSM_EXTENSION)
    )
    if surprises:
        units = len(text.encode("utf-16-le")) // 2
        return Size(_parts(units, UCS2_ONE, UCS2_PART), "UCS-2", surprises)
    units = len(text) + sum(sign in GSM_EXTENSION for sign in text)
    return Size(_parts(units, GSM_ONE, GSM_PART), "GSM-7")


def _parts(units: int, one: int, part: int) -> int:
    return 1 if units <= one else -(-units // part)
