"""`bedside bench search`: what the search promises about time and memory. Prints, never judges.

Beside the time on the clock stands the processor's, which does not depend on what else the machine does.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from time import perf_counter, process_time
from uuid import uuid4

from handoff.bench.figures import spread
from handoff.bench.twins import folder_settings, hire, scripted
from handoff.content.files import SEEDS
from handoff.content.imports import import_seed
from handoff.content.render import local_facts
from handoff.content.shelf import Shelf
from handoff.context import Context
from handoff.country import load_country
from handoff.journeys import editor
from handoff.models.answer import find
from handoff.prepare import open_database
from handoff.search import Search, Thresholds, make_search
from handoff.search.lexicon import Lexicon
from handoff.search.rank import Ranker
from handoff.search.remembered import RememberedVectors
from handoff.search.snapshot import Asked, asked, take
from handoff.search.vectors import SentenceVectors, Vectors
from handoff.settings import Settings

QUESTIONS = 10_000
SMALL, LARGE = (200, 1_600), (600, 5_000)
"""Answers and example questions of the two indexes that a query is compared in."""
QUERIES = 300
PUBLISHES = 5
PROCESSES = 2
PUBLISHED = "asthma.overview"
ASKED = (
    "what is asthma",
    "is the flu catching",
    "what can i eat when my blood pressure is too high",
    "my mother was told that she has type 2 diabetes last week, what does that mean for her food",
    "how do i get rid of a cold",
    "do antidepressants make you put on weight",
)


def main() -> int:
    with folder_settings() as settings:
        context = scripted(settings)
        try:
            with context.transaction() as session:
                import_seed(session, context.clock, SEEDS)
            _index(context)
            _publish(context, settings)
            _memory(settings)
        finally:
            context.wakeups.close()
            context.database.close()
    return 0


def _index(context: Context) -> None:
    """Build from nothing, again from what was stored, and compare queries in a small and a large index."""
    lexicon, vectors = Lexicon(), SentenceVectors()
    with context.database.reading() as session:
        answers = [one for one in map(asked, context.shelf.served(session)) if one and one.language == "en"]
    all_of_them = shortened(answers, len(answers), QUESTIONS)
    for how in ("from nothing", "from what is stored"):
        remembered = RememberedVectors(context.database, vectors)
        with _timed(f"index of {_size(all_of_them)}, {how}"):
            take(all_of_them, lexicon, remembered)
    timed = TimedVectors(vectors)
    at = Thresholds(context.settings.search_answer_at, context.settings.search_offer_at)
    rankers = [
        (some, Ranker(take(some, lexicon, remembered), lexicon, timed, at))
        for some in (shortened(answers, *SMALL), shortened(answers, *LARGE))
    ]
    for some, ranker in rankers:
        whole, beside, embeddings = _queries(ranker, timed)
        print(f"query among {_size(some)} ({embeddings:.1f} embedding calls each, processor's time):")
        print(f"  whole                  {spread(whole, 'ms', 2)}")
        print(f"  beside its embedding   {spread(beside, 'ms', 2)}")


class TimedVectors:
    """The real vectors; `spent` is how long they took, in milliseconds of this process."""

    def __init__(self, embed: SentenceVectors) -> None:
        self._embed = embed
        self.spent, self.calls = 0.0, 0

    def __call__(self, texts: Sequence[str]) -> Vectors:
        started = process_time()
        found = self._embed(texts)
        self.spent += 1000 * (process_time() - started)
        self.calls += 1
        return found


def _queries(ranker: Ranker, timed: TimedVectors) -> tuple[list[float], list[float], float]:
    whole, beside, calls = [], [], timed.calls
    for number in range(QUERIES):
        text = f"{ASKED[number % len(ASKED)]} {number}"
        before, started = timed.spent, process_time()
        ranker.find(text)
        took = 1000 * (process_time() - started)
        whole.append(took)
        beside.append(took - (timed.spent - before))
    return whole, beside, (timed.calls - calls) / QUERIES


def shortened(answers: Sequence[Asked], many: int, questions: int) -> list[Asked]:
    """The first answers, with as many of their questions as make up the number; all real ones."""
    left, kept = questions, []
    for place, one in enumerate(answers[:many]):
        share = max(1, round(left / (min(many, len(answers)) - place)))
        some = one.questions[:share]
        kept.append(Asked(one.entry, one.language, some))
        left -= len(some)
    return kept


def _size(answers: Sequence[Asked]) -> str:
    return f"{len(answers)} answers and {sum(len(one.questions) for one in answers)} questions"


@contextmanager
def _timed(what: str) -> Iterator[None]:
    started, worked = perf_counter(), process_time()
    yield
    print(f"{what}: {perf_counter() - started:.1f} s, processor {process_time() - worked:.1f} s")


# A publish, as other processes see it


def _publish(context: Context, settings: Settings) -> None:
    here = multiprocessing.get_context("spawn")
    pipes = [here.Pipe() for _ in range(PROCESSES)]
    readers = [here.Process(target=_reader, args=(settings, theirs), daemon=True) for _, theirs in pipes]
    for reader in readers:
        reader.start()
    try:
        ours = [mine for mine, _ in pipes]
        for mine in ours:
            mine.recv()
        delays, work = [], []
        for _ in range(PUBLISHES):
            number, at = _new_version(context)
            for mine in ours:
                mine.send(number)
            for mine in ours:
                seen, worked = mine.recv()
                delays.append(1000 * (seen - at))
                work.append(1000 * worked)
        for mine in ours:
            mine.send(None)
    finally:
        for reader in readers:
            reader.join(10)
            reader.kill()
    print(f"a publish, until the next question in {PROCESSES} other processes gets it:")
    print(f"  on the clock           {spread(delays, 'ms', 0)}")
    print(f"  of the processor       {spread(work, 'ms', 0)}")


def _reader(settings: Settings, pipe: Connection) -> None:
    """Another process: it has an index, and asks until it gets the version it is told of."""
    search = _search(settings)
    search.refresh()
    pipe.send(True)
    while (number := pipe.recv()) is not None:
        worked = process_time()
        while search.find("what is asthma").hits[0].version != number:
            time.sleep(0.005)
        pipe.send((time.time(), process_time() - worked))


def _new_version(context: Context) -> tuple[int, float]:
    """Publish another text of one answer, in other words for a question; its number and when it was live."""
    one, other = hire(context, 2)
    with context.database.reading() as session:
        answer = find(session, PUBLISHED)
        live, based_on = answer.live, answer.latest
        assert live is not None
        wording = live.wording
    extra = f"what is asthma then {uuid4().hex[:6]}"
    changed = type(wording)(**{**vars(wording), "questions": (*wording.questions[:8], extra)})
    number = editor.save_draft(context, one, PUBLISHED, changed, based_on).number
    editor.submit(context, one, PUBLISHED, number)
    editor.approve(context, other, PUBLISHED, number)
    return number, time.time()


def _search(settings: Settings) -> Search:
    """The search without all else that a service has."""
    country = load_country(settings.country)
    lines = (country.emergency_number, country.suicide_line, country.poison_line)
    shelf = Shelf(local_facts(settings, *lines), settings.demo)
    return make_search(settings, open_database(settings), shelf.served)


# Memory


def _memory(settings: Settings) -> None:
    here = multiprocessing.get_context("spawn")
    mine, theirs = here.Pipe()
    process = here.Process(target=_weigh, args=(settings, theirs), daemon=True)
    process.start()
    before, after, peak = mine.recv()
    process.join()
    print(f"memory of a search on all answers: {after - before:.0f} MB (at its most {peak - before:.0f} MB)")


def _weigh(settings: Settings, pipe: Connection) -> None:
    before = _memory_now("VmRSS")
    search = _search(settings)
    search.refresh()
    for number in range(20):
        search.find(f"{ASKED[number % len(ASKED)]} {number}")
    pipe.send((before, _memory_now("VmRSS"), _memory_now("VmHWM")))


def _memory_now(field: str) -> float:
    """Megabytes, as Linux counts them."""
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith(field))
    return int(line.split()[1]) / 1024
