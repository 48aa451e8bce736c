"""What is begun ahead of the question is found once, and never by anybody else."""

from __future__ import annotations

import threading

import pytest

from handoff.contract import Found
from handoff.search.ahead import AT_ONCE, Ahead, Question

ASTHMA: Question = ("what is asthma", None, "en")


class Looking:
    """A search that can be held, and that counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_go_on = threading.Event()
        self.began = threading.Semaphore(0)

    def find(self, text: str, about: str | None, language: str) -> Found:
        self.asked.append(text)
        self.began.release()
        assert self.may_go_on.wait(10)
        return Found("answer", 1.0)


@pytest.fixture
def looking() -> Looking:
    looking = Looking()
    looking.may_go_on.set()
    return looking


def test_what_was_begun_is_looked_up_once(looking: Looking) -> None:
    ahead = Ahead(looking.find)
    with ahead.begun(ASTHMA):
        assert looking.began.acquire(timeout=10)
        assert ahead.find(ASTHMA).decision == "answer"
    assert looking.asked == ["what is asthma"]


def test_it_is_begun_before_anybody_asks(looking: Looking) -> None:
    with Ahead(looking.find).begun(ASTHMA):
        assert looking.began.acquire(timeout=10)


def test_another_topic_or_language_is_another_question(looking: Looking) -> None:
    ahead = Ahead(looking.find)
    with ahead.begun(ASTHMA):
        assert looking.began.acquire(timeout=10)
        ahead.find(("what is asthma", "flu", "en"))
        ahead.find(("what is asthma", None, "es"))
    assert len(looking.asked) == 3


def test_nothing_is_kept_of_what_nobody_asked_for(looking: Looking) -> None:
    ahead = Ahead(looking.find)
    with ahead.begun(ASTHMA):
        assert looking.began.acquire(timeout=10)
    ahead.find(ASTHMA)
    assert len(looking.asked) == 2


def test_who_asks_does_not_wait_behind_other_searches(looking: Looking) -> None:
    ahead = Ahead(looking.find)
    looking.may_go_on.clear()
    others: list[Question] = [(f"question {n}", None, "en") for n in range(AT_ONCE)]
    for other in others:
        ahead.begun(other).__enter__()
        assert looking.began.acquire(timeout=10)
    with ahead.begun(ASTHMA):
        threading.Timer(0, looking.may_go_on.set).start()
        assert ahead.find(ASTHMA).decision == "answer"
    assert looking.asked.count("what is asthma") == 1


def test_a_search_that_breaks_says_so_to_who_asks() -> None:
    def broken(text: str, about: str | None, language: str) -> Found:
        raise ValueError("broken")

    ahead = Ahead(broken)
    with ahead.begun(ASTHMA), pytest.raises(ValueError, match="broken"):
        ahead.find(ASTHMA)
