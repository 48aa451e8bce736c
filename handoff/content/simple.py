"""Whether the short form of an answer is what somebody needs who asks for it more simply."""

from __future__ import annotations

from handoff.content import spanish
from handoff.content.grade import grade
from handoff.content.markdown import plain
from handoff.models.answer import Wording

EASY_GRADE = 6.0
"""The grade that all texts aim at (the design's "target grade 6")."""


def short_is_plainer(wording: Wording, language: str) -> bool:
    """At most half as many words, and each of them easy or no harder than in the full form.

    The full form's lists lower its grade: a line counts as a sentence. So a short form that reads at grade 6
    is the plainer one even where the formulas find the full one easier still.
    """
    full = "\n".join(plain(wording.web))
    if 2 * len(wording.sms.split()) > len(full.split()):
        return False
    if language == "es":
        return spanish.ease(wording.sms) >= min(spanish.EASY, spanish.ease(full))
    short_grade, full_grade = grade(wording.sms).flesch_kincaid, grade(full).flesch_kincaid
    return short_grade <= max(EASY_GRADE, full_grade)
