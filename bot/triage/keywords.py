"""Words that the law and the carriers give a meaning: stop, start and help, also when said in plain sentences.

Looked at only after triage. Whether "yes" or "help" means something else just now (an open question, a danger) is the
caller's to decide.
"""

from __future__ import annotations

import re
from typing import Literal

from .words import plain

Keyword = Literal["stop", "start", "help"]

WORDS: dict[str, Keyword] = {
    **dict.fromkeys(
        ["stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out", "opt-out"],
        "stop",
    ),
    **dict.fromkeys(["alto", "parar", "detener", "cancelar", "terminar", "no mas", "basta", "salir", "baja"], "stop"),
    **dict.fromkeys(["start", "yes", "unstop", "subscribe", "opt in", "optin", "comenzar", "iniciar", "si"], "start"),
    **dict.fromkeys(["help", "info", "ayuda", "informacion"], "help"),
}
"""Whole messages, as Twilio's default list and its Spanish forms have them."""

_TEXTS = r"(?:text|texts|texting|txt|txts|texting|message|messages|messaging|msg|msgs|contact|contacting|sms)"
_STOP_SENTENCES = re.compile(
    rf"(?:please |pls |plz )?(?:stop|quit|no more|cease) (?:sending |with )?(?:me |these |the |all |any |your |this )*"
    rf"{_TEXTS}(?: me| please| to me| now| already| this number)*"
    rf"|(?:please |pls |plz )?(?:do not|don't|dont|never) (?:ever )?(?:{_TEXTS}|send|write)(?: to)? (?:me|this number)"
    rf"(?: any| more| again| anymore| {_TEXTS}| please| ever)*"
    rf"|(?:please |pls )?(?:take|remove|delete) (?:me|my (?:phone )?number) (?:off|from|of)"
    rf"(?: of| the| your| this| all| {_TEXTS}| list| lists| system)*"
    rf"|(?:please |pls )?(?:unsubscribe|opt me out|opt out|sign me off|cancel)(?: me| my| these| the| this| from| of| all|"
    rf" {_TEXTS}| subscription| service| please| now)*"
    rf"|i (?:want|would like|wish|need) to (?:unsubscribe|opt out|cancel|stop (?:getting|receiving) (?:these |your |the )?"
    rf"{_TEXTS})(?: please)?"
    rf"|stop (?:getting|sending|texting)(?: me)?(?: please)?|stop please|please stop|stop stop(?: stop)*|leave me alone"
    rf"|wrong number(?: stop)?"
    rf"|(?:por favor )?(?:no|ya no) (?:me )?(?:manden|mande|mandes|envien|envie|escriban|escriba) (?:mas )?"
    rf"(?:mensajes|textos)?(?: mas)?(?: por favor)?"
    rf"|(?:ya )?no (?:quiero|deseo) (?:recibir )?(?:mas )?(?:mensajes|textos)(?: por favor)?"
    rf"|(?:dejen|deje) de (?:mandarme|enviarme|escribirme)(?: mensajes| textos)?"
    rf"|no mas (?:mensajes|textos)|(?:quitenme|saquenme|borrenme) de (?:la|su) lista|cancelar (?:los )?(?:mensajes|textos)"
)
_START_SENTENCES = re.compile(
    rf"(?:please |pls )?(?:start|resume|restart) (?:sending |the |my |getting )*(?:me )?{_TEXTS}(?: me)?(?: again)?(?: please)?"
    rf"|(?:sign|opt) me (?:back )?(?:up|in)(?: again)?(?: please)?|resubscribe(?: me)?"
)
LONGEST = 120
"""Characters; a longer message has more to say than a keyword."""
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")


def keyword(text: str) -> Keyword | None:
    """The meaning of a whole message, or None. "make it stop" and "help me" are no keywords.

    The lists follow the words that US carriers require (STOP, UNSUBSCRIBE, END, QUIT, CANCEL, REVOKE, OPTOUT, STOPALL;
    START, YES, UNSTOP; HELP, INFO) and the FCC rule that any reasonable wording is a revocation.
    """
    if len(text) > LONGEST:
        return None
    said = _EDGES.sub("", " ".join(plain(text.replace("\u2019", "'")).split()))
    said = re.sub(r"[.!,]+(?= |$)", "", said)
    if said in WORDS:
        return WORDS[said]
    if _STOP_SENTENCES.fullmatch(said):
        return "stop"
    if _START_SENTENCES.fullmatch(said):
        return "start"
    return None
