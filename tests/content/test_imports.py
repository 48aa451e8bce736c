"""Seeds come in on each start, and never over work that was done in the studio."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from handoff.content.files import SEEDS, read_folder
from handoff.content.imports import export, import_seed, import_topics
from handoff.context import Context
from handoff.errors import Invalid
from handoff.journeys import editor
from handoff.models import answer as answers
from handoff.models.answer import Answer, AnswerVersion
from tests.content.helpers import SOUND, changed, folder_with, live, served, topic
from tests.fixtures import staff

HIVES = "hives.overview"
NEW = changed(SOUND, "The shipped text has changed.")


def bring(context: Context, folder: Path) -> dict[str, int]:
    with context.database.transaction() as session:
        return dict(import_seed(session, context.clock, folder))


def versions(context: Context) -> list[AnswerVersion]:
    with context.database.reading() as session:
        return list(answers.find(session, HIVES).versions)


def test_all_shipped_answers_are_there_and_a_second_start_changes_nothing(context: Context) -> None:
    with context.database.transaction() as session:
        import_seed(session, context.clock)
        before = session.scalar(select(func.count()).select_from(AnswerVersion))
        done = import_seed(session, context.clock)
        assert session.scalar(select(func.count()).select_from(AnswerVersion)) == before
    assert done.keys() == {"kept"}
    assert done["kept"] == sum(len(topic.answers) for topic in read_folder(SEEDS))


def test_a_new_file_is_served_as_awaiting_local_approval(context: Context, tmp_path: Path) -> None:
    assert bring(context, folder_with(tmp_path, topic(("overview", SOUND)))) == {"new": 1}
    version = served(context, HIVES)
    assert version is not None
    assert version.review == "reviewed by the Bedside project, awaiting local approval"
    assert version.origin == "seed"


def test_a_shipped_text_that_changed_takes_the_place_of_an_untouched_one(
    context: Context, tmp_path: Path
) -> None:
    bring(context, folder_with(tmp_path, topic(("overview", SOUND))))
    assert bring(context, folder_with(tmp_path, topic(("overview", NEW)))) == {"updated": 1}
    assert [version.status for version in versions(context)] == ["retired", "published"]
    assert live(context, HIVES).web.startswith("The shipped text has changed.")


def test_a_shipped_text_never_replaces_what_was_edited_here(context: Context, tmp_path: Path) -> None:
    bring(context, folder_with(tmp_path, topic(("overview", SOUND))))
    mine = changed(SOUND, "Our own words.")
    editor.save_draft(context, staff(context, "editor@example.org"), HIVES, mine, 1)
    assert bring(context, folder_with(tmp_path, topic(("overview", NEW)))) == {"kept": 1}
    assert [version.wording for version in versions(context)] == [SOUND, mine]


def test_a_shipped_text_waits_for_review_where_the_former_was_approved_here(
    context: Context, tmp_path: Path
) -> None:
    bring(context, folder_with(tmp_path, topic(("overview", SOUND))))
    editor.approve(context, staff(context, "approver@example.org"), HIVES, 1)
    bring(context, folder_with(tmp_path, topic(("overview", NEW))))
    assert [version.status for version in versions(context)] == ["published", "in_review"]
    assert live(context, HIVES).wording == SOUND
    assert bring(context, tmp_path) == {"kept": 1}
    editor.approve(context, staff(context, "approver@example.org"), HIVES, 2)
    assert live(context, HIVES).wording == NEW


def test_a_stopped_answer_stays_stopped_when_the_shipped_text_changes(
    context: Context, tmp_path: Path
) -> None:
    bring(context, folder_with(tmp_path, topic(("overview", SOUND))))
    editor.stop(context, staff(context), HIVES, "Wrong")
    bring(context, folder_with(tmp_path, topic(("overview", NEW))))
    assert served(context, HIVES) is None


def test_one_answer_in_two_files_is_refused_and_nothing_comes_in(context: Context) -> None:
    twice = [topic(("overview", SOUND)), topic(("causes", SOUND), ("overview", NEW))]
    with context.database.transaction() as session, pytest.raises(Invalid, match=r"hives\.overview"):
        import_topics(session, context.clock, twice)
    with context.database.reading() as session:
        assert session.get(Answer, "hives.causes") is None


def test_two_processes_that_start_at_once_bring_everything_in_once(context: Context, tmp_path: Path) -> None:
    folder, gate = folder_with(tmp_path, topic(("overview", SOUND), ("causes", SOUND))), threading.Barrier(2)
    done: list[dict[str, int]] = []

    def start() -> None:
        gate.wait()
        done.append(bring(context, folder))

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(sorted, done)) == [["kept"], ["new"]]
    assert len(versions(context)) == 1


def test_what_is_exported_is_what_is_live(context: Context, tmp_path: Path) -> None:
    bring(context, folder_with(tmp_path / "in", topic(("overview", SOUND))))
    draft = editor.save_draft(context, staff(context, "editor@example.org"), HIVES, NEW, 1)
    with context.database.reading() as session:
        export(session, tmp_path / "before")
    editor.submit(context, staff(context, "editor@example.org"), HIVES, draft.number)
    editor.approve(context, staff(context, "approver@example.org"), HIVES, draft.number)
    with context.database.reading() as session:
        export(session, tmp_path / "after")
    before, after = ({one.id: one for one in read_folder(tmp_path / name)} for name in ("before", "after"))
    assert before["hives"].answers[0].wording == SOUND
    assert after["hives"].answers[0].wording == NEW
    assert {one.id: one for one in read_folder(tmp_path / "before") if one.id == "asthma"}["asthma"].answers
