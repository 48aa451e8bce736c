"""What the library's pages say around the answers, by the language of the answers."""

from __future__ import annotations

from datetime import date

MONTHS_ES = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
    "noviembre", "diciembre",
)  # fmt: skip
WORDS: dict[str, dict[str, str]] = {
    "en": {
        "skip": "Skip to the main part",
        "tools": "This library",
        "all_topics": "All topics",
        "ask": "Ask a question",
        "larger": "Larger text",
        "print": "Print",
        "sources": "Where this comes from",
        "read": "read",
        "version": "Version",
        "checked": "Last checked on",
        "due": "to be checked again by",
        "general": "General information from",
        "no_substitute": "It does not replace advice from your own care team.",
        "emergency": "In an emergency call",
        "topics": "Health topics",
        "question": "What would you like to know?",
        "search": "Search",
        "found": "What we found",
        "nothing": "Nothing fits that",
        "try": "Try other words, look through the topics below, or",
        "chat": "ask in the chat",
        "nurse": "where a nurse can help.",
        "one": "topic",
        "count": "topics",
        "none": "No topic or title has these words: press Search to look by meaning.",
        "all_about": "All about this on one page",
        "on_page": "On this page",
        "alone": "This answer alone",
        "other": "Leer en español",
        "other_topics": "Temas en español",
    },
    "es": {
        "skip": "Ir a la parte principal",
        "tools": "Esta biblioteca",
        "all_topics": "Todos los temas",
        "ask": "Hacer una pregunta",
        "larger": "Letra más grande",
        "print": "Imprimir",
        "sources": "De dónde viene esto",
        "read": "leído el",
        "version": "Versión",
        "checked": "Revisado por última vez el",
        "due": "se revisará de nuevo antes del",
        "general": "Información general de",
        "no_substitute": "No reemplaza los consejos de su propio equipo médico.",
        "emergency": "En una emergencia llame al",
        "topics": "Temas de salud",
        "question": "¿Qué desea saber?",
        "search": "Buscar",
        "found": "Lo que encontramos",
        "nothing": "No encontramos nada sobre eso",
        "try": "Pruebe con otras palabras, busque en los temas de abajo, o",
        "chat": "pregunte en el chat",
        "nurse": "donde una enfermera puede ayudarle.",
        "one": "tema",
        "count": "temas",
        "none": "Ningún tema o título tiene esas palabras: pulse Buscar.",
        "all_about": "Todo sobre esto en una página",
        "on_page": "En esta página",
        "alone": "Solo esta respuesta",
        "other": "Read in English",
        "other_topics": "Topics in English",
    },
}
OTHER = {"en": "es", "es": "en"}


def words(language: str) -> dict[str, str]:
    return WORDS.get(language, WORDS["en"])


def day(moment: date, language: str) -> str:
    """Such as `November 27, 2026` or `27 de noviembre de 2026`."""
    if language == "es":
        return f"{moment.day} de {MONTHS_ES[moment.month - 1]} de {moment.year}"
    return moment.strftime("%B %-d, %Y")


def review(approved_by: str | None, translator: str | None, language: str) -> str:
    """In Spanish what `AnswerVersion.review` says in English; "" for every other language."""
    if language != "es":
        return ""
    approved = f"aprobada por {approved_by}" if approved_by else "pendiente de aprobación local"
    if translator:
        return f"{approved}, traducción revisada por {translator}"
    return f"{approved}, traducción pendiente de revisión por un traductor calificado"
