"""Fifty nurses after one case, on both databases. `bedside bench race` does it a thousand times."""

from __future__ import annotations

from handoff.bench.race import race, racers
from handoff.context import Context

ROUNDS = 10


def test_of_fifty_nurses_one_owns_each_case(context: Context) -> None:
    assert race(context, racers(context), ROUNDS) == ROUNDS
