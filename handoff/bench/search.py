"""`bedside bench search`: how long the first index takes, one search, and a publish until its text is found.

Prints, never judges.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from time import perf_counter

from handoff.bench.figures import spread
from handoff.bench.twins import folder_settings, hire, scripted
from handoff.content.imports import import_seed
from handoff.context import Context
from handoff.journeys import editor
from handoff.models.answer import find
from handoff.models.staff import Staff
from handoff.prepare import open_database
from handoff.search import Search, make_search

QUESTIONS = (
    "what is asthma",
    "is the flu catching",
    "what can i eat when my blood pressure is too high",
    "my mother was told that she has type 2 diabetes last week, what does that mean for her food",
    "how do i get rid of a cold",
    "do antidepressants make you put on weight",
)
WARM_UP, SEARCHES = 20, 300
PUBLISHES = 20
PUBLISHED, ASKED = "asthma.overview", "what is asthma"


def main() -> int:
    with folder_settings() as settings, closing(open_database(settings)) as elsewhere:
        context = scripted(settings)
        with context.transaction() as session:
            import_seed(session, context.clock)
        other = make_search(settings, elsewhere, context.shelf.served)
        try:
            print(f"first index of {_many(context)} answers: {_seconds(context.search):.1f} s")
            print(f"index again, from the vectors that are kept: {_seconds(other):.1f} s")
            print(f"one search alone, {SEARCHES} questions: {spread(_searches(context.search), 'ms')}")
            print(f"{PUBLISHES} publishes, until the next question gets the new text:")
            here, there = publishes(context, other, PUBLISHES)
            print(f"  in this process   {spread(here, 'ms', 0)}")
            print(f"  in another        {spread(there, 'ms', 0)}")
        finally:
            context.wakeups.close()
            context.database.close()
    return 0


def publishes(context: Context, other: Search, times: int) -> tuple[list[float], list[float]]:
    """Milliseconds until a new text is found by `context.search`, and by `other`, which shares the database.

    Raise LookupError when one of them has not.
    """
    staff = hire(context, 2)
    here, there = [], []
    for number in range(times):
        version = _wait_for_approver(context, staff, number)
        started = perf_counter()
        editor.approve(context, staff[1], PUBLISHED, version)
        approving = 1000 * (perf_counter() - started)
        here.append(approving + _until_found(context.search, version))
        there.append(approving + _until_found(other, version))
    return here, there


def _wait_for_approver(context: Context, staff: Sequence[Staff], number: int) -> int:
    """A new version that waits for its approver: another text, and a question that no version had."""
    with context.database.reading() as session:
        answer = find(session, PUBLISHED)
        assert answer.live is not None
        wording, based_on = answer.live.wording, answer.latest
    mark = "".join(chr(ord("a") + int(digit)) for digit in f"{number:03}")
    questions = (*wording.questions[:-1], f"{ASKED}, asks {mark}")
    changed = replace(wording, web=f"{wording.web}\n\nAs of {mark}.", questions=questions)
    version = editor.save_draft(context, staff[0], PUBLISHED, changed, based_on).number
    editor.submit(context, staff[0], PUBLISHED, version)
    return version


def _until_found(search: Search, version: int) -> float:
    """Milliseconds of the next question, which must get that version."""
    started = perf_counter()
    found = search.find(ASKED)
    if [(hit.answer_id, hit.version) for hit in found.hits[:1]] != [(PUBLISHED, version)]:
        raise LookupError(f"version {version} of {PUBLISHED} is live and was not found")
    return 1000 * (perf_counter() - started)


def _searches(search: Search) -> list[float]:
    """Never the same words twice; milliseconds each."""
    times = []
    for number in range(WARM_UP + SEARCHES):
        started = perf_counter()
        search.find(f"{QUESTIONS[number % len(QUESTIONS)]} {number}")
        times.append(1000 * (perf_counter() - started))
    return times[WARM_UP:]


def _seconds(search: Search) -> float:
    started = perf_counter()
    search.refresh()
    return perf_counter() - started


def _many(context: Context) -> int:
    with context.database.reading() as session:
        return len(context.shelf.served(session))
