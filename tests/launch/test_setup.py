"""`bin/setup.py` on machines that lack something: one sentence, exit code not 0. Here uv is a script."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
ENVIRONMENTS = ("service", "bot")


@dataclass
class Machine:
    """A checkout with only the set-up in it, in a path with a space, and nothing but `uv` on the PATH."""

    root: Path
    programs: Path

    def setup(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(self.root / "bin" / "setup.py"), *words],
            env={"PATH": str(self.programs), "HOME": str(self.root)} | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def has_program(self, name: str, script: str) -> Path:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def has_uv(self, *, finds: str = "", syncs: str = "exit 0") -> None:
        """uv that knows one Python or none, brings none, and makes environments out of ours."""
        self.has_program(
            "uv",
            f"""echo "$@" >> "{self.root}/uv.log"
            case "$1 $2" in
                "--version "*) echo "uv 0.13.9" ;;
                "python find") [ -n "{finds}" ] && echo "{finds}" ;;
                "python install") exit 1 ;;
                "pip sync") {syncs} ;;
                "venv "*) for folder; do :; done; {shutil.which("mkdir")} -p "$folder/bin"
                          {shutil.which("ln")} -s "{sys.executable}" "$folder/bin/python" ;;
            esac""",
        )

    def has_environment(self, name: str) -> None:
        folder = self.root / ".venv" / name
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").symlink_to(sys.executable)
        lock = self.root / "requirements" / f"{name}.txt"
        (folder / "stamp").write_text(hashlib.sha256(lock.read_bytes()).hexdigest())

    def asked_of_uv(self) -> str:
        log = self.root / "uv.log"
        return log.read_text() if log.exists() else ""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    root, programs = tmp_path / "a checkout", tmp_path / "programs"
    for folder in (root / "bin", root / ".venv", programs):
        folder.mkdir(parents=True)
    shutil.copy(ROOT / "bin" / "setup.py", root / "bin")
    shutil.copytree(ROOT / "requirements", root / "requirements")
    return Machine(root, programs)


def test_what_is_there_already_is_left_alone(machine: Machine) -> None:
    for name in ENVIRONMENTS:
        machine.has_environment(name)
    done = machine.setup()
    assert (done.returncode, done.stderr) == (0, "")


def test_a_changed_lock_brings_the_environment_up_to_date(machine: Machine) -> None:
    for name in ENVIRONMENTS:
        machine.has_environment(name)
    machine.has_uv()
    with open(machine.root / "requirements" / "service.txt", "a") as lock:
        lock.write("# changed\n")
    machine.setup()
    assert "pip sync" in machine.asked_of_uv()
    assert "--require-hashes" in machine.asked_of_uv()
    assert "venv" not in machine.asked_of_uv().split()


def test_without_python_3_10_it_says_how_to_get_it(machine: Machine) -> None:
    machine.has_environment("service")
    machine.has_uv()
    done = machine.setup()
    assert done.returncode != 0
    assert "Rasa needs Python 3.10" in done.stderr
    assert "pyenv install 3.10" in done.stderr
    assert "Traceback" not in done.stderr
    assert "python install 3.10" in machine.asked_of_uv()


def test_python_3_10_is_found_under_pyenv_though_it_is_not_active(machine: Machine) -> None:
    machine.has_environment("service")
    machine.has_uv()
    python = machine.root / ".pyenv" / "versions" / "3.10.13" / "bin" / "python3.10"
    python.parent.mkdir(parents=True)
    shutil.copy(machine.has_program("python", "echo 3.10"), python)
    machine.setup()
    assert f"--python {python}" in machine.asked_of_uv()


def test_an_install_that_fails_is_not_taken_for_done(machine: Machine) -> None:
    machine.has_environment("bot")
    machine.has_uv(syncs="exit 1")
    for _ in range(2):
        done = machine.setup()
        assert done.returncode != 0
        assert "failed; its own words are above" in done.stderr


def test_sentence_vectors_that_are_not_the_tested_ones_are_refused(machine: Machine) -> None:
    machine.has_environment("bot")
    machine.has_uv()
    for _ in range(2):
        done = machine.setup()
        assert done.returncode != 0
        assert "is not the file that Bedside was tested with" in done.stderr


def test_an_index_told_to_pip_is_told_to_uv(machine: Machine) -> None:
    machine.has_environment("bot")
    machine.has_uv(syncs=f'echo "index $UV_DEFAULT_INDEX" >> "{machine.root}/uv.log"')
    machine.setup(PIP_INDEX_URL="https://wheels.example.org/all")
    assert "index https://wheels.example.org/all" in machine.asked_of_uv()


def test_check_says_what_is_missing_and_changes_nothing(machine: Machine) -> None:
    machine.has_environment("bot")
    before = sorted(machine.root.rglob("*"))
    done = machine.setup("check")
    assert done.returncode != 0
    assert "✗ Environment service" in done.stdout
    assert "run `make setup`" in done.stdout
    assert sorted(machine.root.rglob("*")) == before


def test_a_chromium_that_is_named_but_not_there_is_told(machine: Machine) -> None:
    done = machine.setup("chromium", BEDSIDE_CHROMIUM="/nowhere/chromium")
    assert done.returncode != 0
    assert "BEDSIDE_CHROMIUM names /nowhere/chromium" in done.stderr


def test_chromium_on_the_path_is_taken(machine: Machine) -> None:
    chromium = machine.has_program("chromium", "exit 0")
    assert machine.setup("chromium").stdout.strip() == str(chromium)


def test_the_command_before_set_up_says_to_set_up(machine: Machine) -> None:
    shutil.copy(ROOT / "bin" / "bedside", machine.root / "bin")
    done = subprocess.run(
        [str(machine.root / "bin" / "bedside"), "up"], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "run `make setup`" in done.stderr
