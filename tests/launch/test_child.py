"""Children: started again when they end, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from handoff.child import Child, ChildError, free_port
from tests.fixtures import eventually

STUB = Path(__file__).parent / "stub_child.py"
ROOT = Path(__file__).parent.parent.parent
PARENT = """
import sys, threading
from pathlib import Path
from handoff.child import Child, free_port
port = free_port()
child = Child("stub", [sys.executable, sys.argv[1], str(port)], {}, Path("."), port)
child.start()
child.wait_until_ready(20)
print(child.pid, flush=True)
threading.Event().wait()
"""

MakeChild = Callable[..., Child]


@pytest.fixture
def make_child(tmp_path: Path) -> Iterator[MakeChild]:
    made: list[Child] = []

    def make(*how: str) -> Child:
        port = free_port()
        child = Child("stub", [sys.executable, str(STUB), str(port), *how], {}, tmp_path, port)
        made.append(child)
        return child

    yield make
    for child in made:
        child.stop()


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_it_serves_once_it_is_ready_and_is_gone_after_stop(make_child: MakeChild) -> None:
    child = make_child()
    child.start()
    child.wait_until_ready(20)
    pid = child.pid
    assert pid is not None
    assert child.is_ready()
    child.stop()
    assert is_gone(pid)
    assert not child.is_ready()


def test_it_can_be_stopped_twice(make_child: MakeChild) -> None:
    child = make_child()
    child.start()
    child.stop()
    child.stop()


def test_it_is_started_again_on_the_same_port_after_it_was_killed(make_child: MakeChild) -> None:
    child = make_child()
    child.start()
    child.wait_until_ready(20)
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    eventually(lambda: child.pid != first and child.is_ready(), "a new process on the same port")


def test_it_stays_down_when_it_is_stopped_while_it_waits_to_start_again(make_child: MakeChild) -> None:
    child = make_child()
    child.start()
    child.wait_until_ready(20)
    pid = child.pid
    child.restart()
    child.stop()
    assert child.pid == pid
    assert not child.is_ready()


def test_one_that_ends_while_starting_is_told_with_its_code(make_child: MakeChild) -> None:
    child = make_child("ends")
    child.start()
    with pytest.raises(ChildError, match="ended with code 3 while starting"):
        child.wait_until_ready(20)


def test_one_that_never_serves_is_told_after_the_time_given(make_child: MakeChild) -> None:
    child = make_child("hangs")
    child.start()
    with pytest.raises(ChildError, match="did not answer within"):
        child.wait_until_ready(0.3)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_child_is_left_however_the_parent_ends(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(STUB)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert not is_gone(pid)
        parent.send_signal(number)
    eventually(lambda: is_gone(pid), "the child to end with its parent")
