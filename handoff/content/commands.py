"""`bedside content lint|import|export`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from handoff.clock import Clock
from handoff.content.corpus import Find, check_all, known_urls, told_level
from handoff.content.files import SEEDS, Topic, files_in, read_topic
from handoff.content.imports import export, import_topics
from handoff.content.lint import VARIABLES
from handoff.content.render import LocalFacts
from handoff.contract import Found
from handoff.database import Database
from handoff.errors import Invalid
from handoff.settings import Settings

NOMINAL = LocalFacts(dict.fromkeys(VARIABLES, "555-555-0100"), "https://bedside.example.org")
"""What lint fills in: about as long as real numbers, names and addresses are."""


def configure(parser: ArgumentParser) -> None:
    """The three sub-commands and what they take."""
    kinds = parser.add_subparsers(dest="kind", required=True)
    lint = kinds.add_parser("lint", help="check answers: reading grade, SMS length, sources, questions …")
    lint.add_argument("files", nargs="*", type=Path, help="files to check; all of data/answers when left out")
    lint.add_argument("--quick", action="store_true", help="leave out the search for each example question")
    lint.add_argument("--strict", action="store_true", help="advice counts as a failure too")
    bring = kinds.add_parser("import", help="bring answer files into the database")
    bring.add_argument("files", nargs="+", type=Path)
    out = kinds.add_parser("export", help="write the live answers as files")
    out.add_argument("folder", type=Path)


def main(arguments: Namespace) -> int:
    """The exit code: 1 when lint found something that stops a text."""
    if arguments.kind == "lint":
        return lint(arguments.files, quick=arguments.quick, strict=arguments.strict)
    if arguments.kind == "import":
        return bring_in(arguments.files)
    return write_out(arguments.folder)


def lint(files: Sequence[Path], *, quick: bool = False, strict: bool = False) -> int:
    """Print file, answer, what is wrong and how to mend it; then each topic's reading grade."""
    topics = [(_name(path), read_topic(path)) for path in _named(files)]
    find = None if quick else _searching([topic for _, topic in topics])
    found = check_all(topics, NOMINAL, Clock().now().date(), find, known_urls())
    for one in found:
        print(one)
    for file, topic in topics:
        print(f"{file}: {len(topic.answers)} answers, {told_level(topic)}")
    stopping = sum(one.finding.stops for one in found)
    print(f"{stopping} to mend, {len(found) - stopping} pieces of advice.")
    return 1 if stopping or (strict and found) else 0


def bring_in(files: Sequence[Path]) -> int:
    """Import files into the configured database; work done in the studio stays."""
    topics = [read_topic(path) for path in _named(files)]
    with closing(_database()) as database, database.transaction() as session:
        done = import_topics(session, Clock(), topics)
    print(f"{done['new']} new, {done['updated']} updated, {done['kept']} kept as they are.")
    return 0


def write_out(folder: Path) -> int:
    """Export the live answers of the configured database."""
    with closing(_database()) as database, database.reading() as session:
        written = export(session, folder)
    print(f"{len(written)} files written to {folder}.")
    return 0


def _database() -> Database:
    """The configured database, its tables up to date."""
    from handoff.prepare import open_database, prepare_database

    settings = Settings.load()
    prepare_database(settings, seeds=False)
    return open_database(settings)


def _name(path: Path) -> str:
    """The file's name; with its folder where that stands for a language."""
    where = path.resolve()
    return str(where.relative_to(SEEDS)) if where.is_relative_to(SEEDS) else path.name


def _named(files: Sequence[Path]) -> list[Path]:
    chosen = list(files) or files_in(SEEDS)
    missing = [str(path) for path in chosen if not path.is_file()]
    if missing:
        raise Invalid(f"{', '.join(missing)}: no such file.")
    return chosen


def _searching(topics: Sequence[Topic]) -> Find:
    """A search over these files alone, as patients would use it."""
    import numpy as np

    from handoff.search.lexicon import Lexicon
    from handoff.search.rank import Ranker, Thresholds
    from handoff.search.snapshot import Asked, Entry, take
    from handoff.search.spanish import SpanishRanker
    from handoff.search.spanish_words import SpanishWords
    from handoff.search.vectors import SentenceVectors, Vectors

    vectors, lexicon = SentenceVectors(), Lexicon()
    asked = [
        Asked(
            Entry(topic.answer_id(one), 1, topic.id, one.aspect, one.wording.title),
            topic.language,
            (*one.wording.questions, f"{one.wording.title} {topic.title}"),
        )
        for topic in topics
        for one in topic.answers
    ]
    at = Settings(demo=True)
    thresholds = Thresholds(at.search_answer_at, at.search_offer_at)
    # Each question is embedded for the index and again when it is asked: half the work is remembering.
    known: dict[str, Vectors] = {}

    def embed(texts: Sequence[str]) -> Vectors:
        new = list(dict.fromkeys(text for text in texts if text not in known))
        known.update(zip(new, vectors(new), strict=True))
        return np.stack([known[text] for text in texts])

    english = [one for one in asked if one.language == "en"]
    ranker = Ranker(take(english, lexicon, embed), lexicon, embed, thresholds) if english else None
    spanish = SpanishRanker([one for one in asked if one.language == "es"], english, SpanishWords())

    def find(text: str, language: str) -> Found:
        if language == "es":
            return spanish.find(text)
        return ranker.find(text) if ranker and language == "en" else Found("unsure", 0.0)

    return find
