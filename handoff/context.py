"""What journeys and routes are given to work with; `app.py` makes one, tests may make another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.triage import Triage
from handoff.assistant import Assistant
from handoff.clock import Clock
from handoff.content.shelf import Shelf
from handoff.country import Country
from handoff.database import Database
from handoff.search import Search
from handoff.senders import MediaSource, Sender
from handoff.settings import Settings
from handoff.wakeups import Wakeups


@dataclass(frozen=True)
class Context:
    settings: Settings
    database: Database
    clock: Clock
    country: Country
    triage: Triage
    assistant: Assistant
    senders: Mapping[str, Sender]
    media: MediaSource
    search: Search
    shelf: Shelf
    wakeups: Wakeups
    contact_key: bytes
    """Keys the hashes by which contacts are found."""

    def line(self, name: str, language: str, channel: str = "sms", **variables: str) -> str:
        """A fixed line of the country pack with this clinic's facts filled in."""
        facts = {"org": self.settings.org_name, "after_hours": self.settings.after_hours_number}
        return self.country.line(name, language, channel, **{**facts, **variables})

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction; whoever `wake` named in it is woken once it is committed."""
        with self.database.transaction() as session:
            yield session
        for topic in session.info.pop("wake", ()):
            self.wakeups.notify(topic)


def wake(session: Session, *topics: str) -> None:
    """Say who should look again after the commit. A hint only: everybody also looks by themselves."""
    session.info.setdefault("wake", {}).update(dict.fromkeys(topics))
