"""Numbers as the benchmarks print them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def spread(values: Sequence[float], unit: str, decimals: int = 1) -> str:
    """`median 12.0 ms   95th 40.0 ms   worst 41.0 ms`; a dash when there are none."""
    if not values:
        return "-"
    figures = {"median": statistics.median(values), "95th": late(values), "worst": max(values)}
    return "   ".join(f"{name} {value:7.{decimals}f} {unit}" for name, value in figures.items())


def late(values: Sequence[float]) -> float:
    """The value that 95 in 100 do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
