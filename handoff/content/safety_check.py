"""Checks of a changed safety text: the numbers, the length, and words that ask for a second look.

Most of what such a text must never say only people can see: that is why two of them must agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from handoff.content.lint import Finding
from handoff.content.render import MAX_SEGMENTS, VARIABLE, sms_size
from handoff.country import Cell, Country

GOOD_SEGMENTS = 2
NUMBER = re.compile(r"\d(?:[\s().\u2010-\u2015-]{0,3}\d){2,}")
"""Three digits or more, however they are set apart; "press 2" is none."""
HTML_OR_LINK = re.compile(
    r"<\s*[a-z/!]|javascript:|\]\s*\(|https?:|www\.|\b[\w-]+\.(?:com|org|net|gov)\b", re.IGNORECASE
)
BRACE = re.compile(r"[{}]")
READ_BY_ANOTHER = {"violence", "sexual-assault", "child-abuse", "elder-abuse"}
"""Families where somebody dangerous may read the phone."""
WATCHED = {
    "names a means of harm": (
        r"pills?|tablets?|overdos\w*|guns?|firearms?|kni(?:fe|ves)|razors?|blades?|ropes?|nooses?|hang(?:ing)?|bridges?|"
        r"pastillas?|sobredosis|pistolas?|armas?|cuchillos?|navajas?|sogas?|puentes?"
    ),
    "promises a time": (
        r"soon|shortly|in a moment|right with you|within|(?:in|about) (?:a few|a|\d+|an) (?:minutes?|hours?)|"
        r"pronto|enseguida|en (?:unos|\d+) minutos|dentro de"
    ),
    "reassures or makes light of it": (
        r"don'?t worry|calm down|you(?:'ll| will) be (?:fine|ok(?:ay)?|all right|safe)|cheer up|"
        r"it(?:'s| is) not serious|"
        r"no se preocupe|tranquil[oa]|c[aá]lmese|va a estar bien|no es grave"
    ),
    "blames": (
        r"your fault|should(?: not|n'?t)? have|selfish|why (?:did|do) you|"
        r"su culpa|deber[ií]a haber|ego[ií]sta"
    ),
    "sends people to search the web": r"google|search (?:the web|online)|look it up|busque en internet",
}
"""A short list to stop at, not a proof of anything: what it misses, two people have to see."""
TELLS_ANOTHER = (
    r"abus\w*|violen\w*|rap(?:e|ed|ist)|assault\w*|hotline|husband|partner|violaci\w*|maltrat\w*|golpe\w*"
)

Rule = Callable[[Country, Cell, str], Iterator[Finding]]


def check(country: Country, cell: Cell, text: str) -> list[Finding]:
    """All findings on a text for one cell, the ones that stop it first."""
    found = [finding for rule in RULES for finding in rule(country, cell, text)]
    return sorted(found, key=lambda finding: not finding.stops)


def is_sound(country: Country, cell: Cell, text: str) -> bool:
    return not any(finding.stops for finding in check(country, cell, text))


def text_is_there(country: Country, cell: Cell, text: str) -> Iterator[Finding]:
    if not text.strip():
        yield Finding("text", "There is no text.", "Write what the patient should read first.")


def variables_are_known(country: Country, cell: Cell, text: str) -> Iterator[Finding]:
    unknown = sorted({name for name in VARIABLE.findall(text) if not country.variables.get(name)})
    if unknown:
        yield Finding("text", f"{{{unknown[0]}}} is no number of this country.", _known(country))
    elif BRACE.search(VARIABLE.sub("", text)):
        yield Finding("text", "A brace stands alone.", _known(country))


def numbers_are_variables(country: Country, cell: Cell, text: str) -> Iterator[Finding]:
    number = NUMBER.search(VARIABLE.sub(" x ", text))
    if number:
        yield Finding("text", f"The number {number[0]} is written out.", _known(country))


def numbers_are_all_there(country: Country, cell: Cell, text: str) -> Iterator[Finding]:
    """The emergency number always, and every number that the country pack gives here."""
    shipped = ["emergency", *VARIABLE.findall(country.copies[cell])]
    given = {country.variables.get(name) for name in VARIABLE.findall(text)}
    for name in dict.fromkeys(shipped):
        if country.variables[name] not in given:
            number = country.variables[name]
            yield Finding(
                "text", f"{{{name}}} ({number}) is missing.", "Every number given here has to stay."
            )


def sms_fits(country: Country, cell: Cell, text: str) -> Iterator[Finding]:
    if cell[2] != "sms":
        return
    size = sms_size(_shown(country, text))
    if size.segments > MAX_SEGMENTS:
        yield Finding(
            "text",
            f"It takes {size.segments} SMS segments ({size.encoding}).",
            f"Shorten it to {MAX_SEGMENTS} or fewer; {GOOD_SEGMENTS} are better.",
        )
    elif size.segments > GOOD_SEGMENTS:
        yield Finding(
            "text",
            f"It takes {size.segments} SMS segments ({size.encoding}).",
            f"{GOOD_SEGMENTS} arrive more surely.",
            stops=False,
        )
    if size.surprises and cell[3] == "en":
        yield Finding(
            "text",
            f"These characters more than double its length: {' '.join(size.surprises)}",
            "Use straight quotes, a plain hyphen and letters without accents.",
            stops=False,
        )


def nothing_looks_like_html(country: Country, cell: Cell, text: str) -> Iterator[Finding]:
    if HTML_OR_LINK.search(text):
        yield Finding("text", "This looks like HTML or a link.", "Use plain words and numbers to call only.")


def words_to_stop_at(country: Country, cell: Cell, text: str) -> Iterator[Finding]:
    shown = _shown(country, text)
    for what, words in WATCHED.items():
        found = re.search(rf"\b(?:{words})\b", shown, re.IGNORECASE)
        if found:
            yield Finding(
                "text", f"'{found[0]}': perhaps this {what}.", "Say it without, if it does.", stops=False
            )
    told = re.search(rf"\b(?:{TELLS_ANOTHER})\b", shown, re.IGNORECASE)
    if told and cell[0] in READ_BY_ANOTHER:
        mend = "Whoever reads over the shoulder must learn nothing from it."
        yield Finding("text", f"'{told[0]}' tells what this is about.", mend, stops=False)


RULES: tuple[Rule, ...] = (
    text_is_there,
    variables_are_known,
    numbers_are_variables,
    numbers_are_all_there,
    sms_fits,
    nothing_looks_like_html,
    words_to_stop_at,
)


def _shown(country: Country, text: str) -> str:
    """As it would be sent; a variable that nobody knows stays as it is."""
    return VARIABLE.sub(lambda found: country.variables.get(found[1]) or found[0], text).strip()


def _known(country: Country) -> str:
    names = ", ".join(f"{{{name}}}" for name, number in country.variables.items() if number)
    return f"Numbers come from the country pack, as {names}."
