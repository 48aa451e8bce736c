"""Checks that only Spanish texts need: how easy they are to read, and that they address the reader as usted.

The ease of reading is Fernández-Huerta's (1959, Medidas sencillas de lecturabilidad, Consigna 214): Flesch's
formula fitted to Spanish. It counts the lengths of words and sentences, and does not know whether the words
are known or the text is true: a qualified translator has to read it all the same.
"""

from __future__ import annotations

import re
from functools import cache

EASY, HARDEST = 70.0, 60.0
"""In Fernández-Huerta's table 70 to 80 is "rather easy" (grade 6), 60 to 70 "normal" (grades 7 and 8)."""
WORD = re.compile(r"[a-záéíóúüñ]+", re.IGNORECASE)
SENTENCE = re.compile(r"[.!?:](?=\s|$)|\n")
SILENT_U = re.compile(r"(?<=q)u(?=[eiéí])|(?<=g)u(?=[eiéí])")
VOWELS = re.compile(r"[aeiouáéíóúü]+")
STRONG = frozenset("aeoáéóíú")
"""An accented i or u stands alone like these: "dí-a", "ba-úl"."""
FAMILIAR = re.compile(
    r"\b(tú|tu|tus|ti|contigo|tienes|puedes|debes|estás|eres|sientes|necesitas|quieres|tomas|vas|llámanos|dinos)\b",
    re.IGNORECASE,
)
JARGON = {
    "hipertensión": "presión alta",
    "hipotensión": "presión baja",
    "hiperglucemia": "azúcar alta",
    "hipoglucemia": "azúcar baja",
    "analgésico": "medicina para el dolor",
    "analgésicos": "medicinas para el dolor",
    "edema": "hinchazón",
    "disnea": "falta de aire",
    "cefalea": "dolor de cabeza",
    "fármaco": "medicina",
    "fármacos": "medicinas",
    "síncope": "desmayo",
    "abdomen": "barriga",
    "micción": "orinar",
    "profesional sanitario": "equipo médico",
}


def ease(text: str) -> float:
    """Higher is easier: 100 very easy, 0 very hard. A line counts as a sentence of its own."""
    sentences = [words for words in map(WORD.findall, SENTENCE.split(text)) if words]
    words = [word for sentence in sentences for word in sentence]
    if not words:
        return 100.0
    per_hundred = 100 * sum(map(syllables, words)) / len(words)
    return 206.84 - 0.60 * per_hundred - 1.02 * len(words) / len(sentences)


@cache
def syllables(word: str) -> int:
    """By the rules of Spanish: two strong vowels part, a weak one leans on its neighbour."""
    word = SILENT_U.sub("", word.lower())
    if word.endswith("y"):
        word = word[:-1] + "i"
    found = 0
    for group in VOWELS.findall(word):
        strong = sum(vowel in STRONG for vowel in group)
        found += max(1, strong)
    return max(1, found)


def familiar(text: str) -> str | None:
    """The first word that says "tú"; our patients are addressed as usted."""
    found = FAMILIAR.search(text)
    return found[0] if found else None
