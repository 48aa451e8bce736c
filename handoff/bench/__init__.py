"""`bedside bench`: what Bedside promises about time, measured the same way each time."""

from __future__ import annotations

from argparse import ArgumentParser

WHAT = ("replies", "day", "desk", "race", "search")


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="?",
        choices=WHAT,
        default="replies",
        help="how long a reply takes; a day with 3 nurses and 200 patients; how soon 20 desks show news; "
        "fifty nurses after one case, a thousand times; how long a search and a publish take",
    )


def main(what: str) -> int:
    """1 when something that must never happen did."""
    if what == "day":
        from handoff.bench import day

        return day.main()
    if what == "desk":
        from handoff.bench import desk

        return desk.main()
    if what == "race":
        from handoff.bench import race

        return race.main()
    if what == "search":
        from handoff.bench import search

        return search.main()
    from handoff.bench import replies

    return replies.main()
