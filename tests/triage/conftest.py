"""One loaded triage for all tests; it holds no state."""

from __future__ import annotations

import importlib
import warnings
from pathlib import Path

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # medspaCy's own imports warn, on Python 3.10; ours may not
    importlib.import_module("medspacy.context")

from bot.triage import Triage, load

SENTENCES = Path(__file__).parent / "sentences"


@pytest.fixture(scope="session")
def triage() -> Triage:
    """The phrases alone: what they find is exact, and their tests say so."""
    return load(trained=False)


@pytest.fixture(scope="session")
def hearing() -> Triage:
    """All layers, as patients meet them."""
    return load()


def sentences(name: str) -> list[tuple[str, str]]:
    """The (what, sentence) pairs of one file; lines that begin with # say what it holds."""
    lines = (SENTENCES / f"{name}.txt").read_text("utf8").splitlines()
    pairs = [line.split("|", 1) for line in lines if line.strip() and not line.startswith("#")]
    return [(what.strip(), said.strip()) for what, said in pairs]
