"""Starts Rasa's processes: `python -m bot.launch assistant|actions|train|test|rasa`.

- `assistant`, `actions`: the two servers, on loopback.
- `train --out DIR`: trains and prints the model's path as the last line.
- `test`: `rasa data validate`, then `rasa test` on tests/stories (`--stories` names others) with the model
  in BEDSIDE_MODEL.
- `rasa …`: Rasa's own command line, as anywhere (`rasa shell --model …`), without TensorFlow.

Each ends with its parent, whose pipe BEDSIDE_PARENT_PIPE names. Exit status 2 and one sentence when a
setting is missing.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot import parent, slim

ROOT = Path(__file__).resolve().parent.parent
CONFIG, DOMAIN, STORIES = "config.yml", "domain.yml", Path("tests/stories")
TRAINING_FILES = ("data/nlu", "data/rules.yml", "data/stories.yml")

log = logging.getLogger(__name__)


class SettingMissing(Exception):
    """An environment variable that the parent should have set."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bot.launch", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("assistant")
    commands.add_parser("actions")
    commands.add_parser("train").add_argument("--out", type=Path, required=True)
    commands.add_parser("test").add_argument("--stories", type=Path, default=STORIES)
    commands.add_parser("rasa", add_help=False)
    known, rest = parser.parse_known_args(arguments)
    if rest and known.command != "rasa":
        parser.error(f"unknown arguments: {' '.join(rest)}")
    try:
        _end_with_parent()
        return _run(known, rest)
    except (SettingMissing, FileNotFoundError) as error:
        print(f"{error}", file=sys.stderr)
        return 2


def _run(known: argparse.Namespace, rest: Sequence[str]) -> int:
    if known.command == "assistant":
        return serve_assistant()
    if known.command == "actions":
        return serve_actions()
    if known.command == "train":
        print(train(known.out.resolve()))
        return 0
    if known.command == "test":
        return test(_file("BEDSIDE_MODEL"), known.stories.resolve())
    return rasa(*rest)


def serve_assistant() -> int:
    """Serve the trained model until the parent ends."""
    model, port, secret = _file("BEDSIDE_MODEL"), _port("BEDSIDE_ASSISTANT_PORT"), _secret()
    _port("BEDSIDE_ACTIONS_PORT")
    slim.prepare()
    from bot import assistant, door, quiet_logs

    quiet_logs.install()
    door.serve(assistant.create_app(model, ROOT / "endpoints.yml", ROOT / "credentials.yml", secret), port)
    return 0


def serve_actions() -> int:
    """Serve the custom actions until the parent ends."""
    url, port, secret = _setting("BEDSIDE_SERVICE_URL"), _port("BEDSIDE_ACTIONS_PORT"), _secret()
    from actions.did_not_help import DidNotHelp
    from actions.find_answer import FindAnswer
    from actions.say_again import SaySimpler, TellMore
    from bot import action_server, door, quiet_logs
    from handoff.client import ServiceClient

    quiet_logs.install()
    service = ServiceClient(url, secret)
    actions = [kind(service) for kind in (FindAnswer, TellMore, SaySimpler, DidNotHelp)]
    door.serve(action_server.create_app(actions, secret), port)
    return 0


def train(out: Path) -> Path:
    """Train from nothing into `out/bedside.tar.gz`, replacing it only when training succeeded."""
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"  # a cache knows nothing of changes in the code below a component
    os.environ["LOG_LEVEL"] = "WARNING"  # no progress bars
    slim.prepare()
    from rasa.model_training import train as rasa_train

    out.mkdir(parents=True, exist_ok=True)
    with _in_checkout(), tempfile.TemporaryDirectory(dir=out) as fresh:
        with contextlib.redirect_stdout(sys.stderr):
            result = rasa_train(
                DOMAIN, CONFIG, list(TRAINING_FILES), fresh, force_training=True, fixed_model_name="bedside"
            )
        if result.code != 0 or not result.model:
            raise SystemExit("Training failed; what stands above says why.")
        return Path(result.model).replace(out / "bedside.tar.gz")


def test(model: Path, stories: Path) -> int:
    """Exit status of `rasa data validate`, then of `rasa test`, each with every warning an error."""
    with _in_checkout(), tempfile.TemporaryDirectory() as results:
        return validate() or rasa(
            *("test", "core", "--model", str(model), "--stories", str(stories), "--e2e"),
            *("--fail-on-prediction-errors", "--out", results),
        )


def validate() -> int:
    """Exit status of `rasa data validate` on what the assistant learns from, warnings being errors."""
    return rasa(
        *("data", "validate", "--config", CONFIG, "--domain", DOMAIN, "--fail-on-warnings"),
        *("--data", *TRAINING_FILES),
    )


def rasa(*arguments: str) -> int:
    """Rasa's own command line; returns its exit status."""
    slim.prepare()
    from rasa.__main__ import main as rasa_main

    before, sys.argv = sys.argv, ["rasa", *arguments]
    try:
        rasa_main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.argv = before
    return 0


def _end_with_parent() -> None:
    """Started by hand, a process has no such pipe and ends by a signal."""
    pipe = os.environ.get("BEDSIDE_PARENT_PIPE")
    if not pipe:
        return
    try:
        parent.end_with(int(pipe))
    except (ValueError, OSError):
        raise SettingMissing(
            "BEDSIDE_PARENT_PIPE is not an open file descriptor; leave it out to start without a parent."
        ) from None


@contextlib.contextmanager
def _in_checkout() -> Iterator[None]:
    """Rasa reads and writes relative to the working directory."""
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        yield
    finally:
        os.chdir(before)


def _setting(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise SettingMissing(f"{name} is not set; `bedside up` sets it, see handoff/stack.py.")
    return value


def _secret() -> str:
    return _setting("BEDSIDE_INTERNAL_SECRET")


def _port(name: str) -> int:
    value = _setting(name)
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise SettingMissing(f"{name} must be a port from 1 to 65535.")
    return int(value)


def _file(name: str) -> Path:
    path = Path(_setting(name)).resolve()
    if not path.is_file():
        raise SettingMissing(f"{name} names no file; run `make train`, or set it to a trained model.")
    return path


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
