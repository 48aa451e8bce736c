"""Seeds into the database and answers out of it. Work done in the studio is never overwritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.clock import Clock
from handoff.content.files import REVIEW, SEEDS, TRANSLATED, SeedAnswer, Topic, read_folder, write_topic
from handoff.errors import Invalid
from handoff.models import answer as answers
from handoff.models.answer import Answer


def import_seed(session: Session, clock: Clock, folder: Path = SEEDS) -> Counter[str]:
    """Bring in every file of the folder; safe on each start and from two processes at once.

    Gives how many answers are `new`, `updated` (the shipped text changed), or were `kept` as they are.
    """
    return import_topics(session, clock, read_folder(folder))


def import_topics(session: Session, clock: Clock, topics: Iterable[Topic]) -> Counter[str]:
    """As `import_seed`, for topics already read. Raise Invalid when one answer stands in two files."""
    topics = list(topics)
    _refuse_twice(topics)
    answers.rise(session)  # the row is also the lock that lets one process import at a time
    known = {answer.id: answer for answer in session.scalars(select(Answer))}
    done: Counter[str] = Counter()
    for topic in topics:
        for seed in topic.answers:
            answer = known.get(topic.answer_id(seed))
            if answer is None:
                _new(session, topic, seed).seed(seed.wording, clock.now())
                done["new"] += 1
            else:
                answer.topic_title = topic.title
                done["updated" if answer.seed(seed.wording, clock.now()) else "kept"] += 1
    return done


def export(session: Session, folder: Path) -> list[Path]:
    """Write the live texts to `folder`: a file a topic, with language and audience in special names."""
    live = [answer for answer in session.scalars(select(Answer).order_by(Answer.id)) if answer.live]
    live.sort(key=_file_of)
    return [_write(folder, name, list(group)) for name, group in groupby(live, key=_file_of)]


def _new(session: Session, topic: Topic, seed: SeedAnswer) -> Answer:
    answer = Answer(
        id=topic.answer_id(seed),
        topic=topic.id,
        topic_title=topic.title,
        aspect=seed.aspect,
        language=topic.language,
        audience=topic.audience,
    )
    session.add(answer)
    return answer


def _refuse_twice(topics: list[Topic]) -> None:
    ids = Counter(topic.answer_id(seed) for topic in topics for seed in topic.answers)
    twice = [id for id, count in ids.items() if count > 1]
    if twice:
        raise Invalid(f"{', '.join(twice)}: written twice; leave one of them.")


def _file_of(answer: Answer) -> str:
    return answer.id.replace(f".{answer.aspect}", "", 1)


def _write(folder: Path, name: str, group: list[Answer]) -> Path:
    first = group[0]
    seeds = tuple(SeedAnswer(answer.aspect, answer.live.wording) for answer in group if answer.live)
    path = folder / f"{name}.yml"
    review = REVIEW if first.language == "en" else TRANSLATED
    write_topic(Topic(first.topic, first.topic_title, first.language, first.audience, review, seeds), path)
    return path
