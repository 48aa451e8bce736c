"""A store for one benchmark, with nothing outside it: no Rasa, no Twilio."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from handoff.app import make_context
from handoff.clock import Clock
from handoff.context import Context
from handoff.contract import Reply, TurnReply, TurnRequest
from handoff.models.staff import Staff
from handoff.prepare import prepare_database
from handoff.settings import Settings


class ScriptedAssistant:
    """Answers everything with one sentence, at once."""

    def reply(self, request: TurnRequest) -> TurnReply:
        return TurnReply("chat", (Reply(text="Thank you. A nurse can tell you more."),), intent="greet")

    def resting(self) -> bool:
        return False

    def healthy(self) -> bool:
        return True


class Nowhere:
    """A sender that takes everything and sends nothing."""

    receipts = False

    def send(self, to: str, text: str) -> str:
        return uuid4().hex

    def find(self, to: str, text: str, since: datetime) -> str | None:
        return None


@contextmanager
def folder_settings(**more: Any) -> Iterator[Settings]:
    """A folder for the time being, and an empty database in it."""
    with tempfile.TemporaryDirectory(prefix="bedside-bench-") as folder:
        settings = Settings(demo=True, data_dir=Path(folder), **more)
        prepare_database(settings, seeds=False)
        yield settings


def scripted(settings: Settings, clock: Clock | None = None) -> Context:
    return make_context(settings, clock=clock, assistant=ScriptedAssistant(), senders={"sms": Nowhere()})


def hire(context: Context, number: int, **more: Any) -> Sequence[Staff]:
    """So many nurses, off duty unless told; none can sign in: their password is no hash."""
    with context.transaction() as session:
        nurses = [
            Staff(
                email=f"nurse-{uuid4().hex}@example.org",
                name=f"Nurse {place}",
                roles=["nurse"],
                password_hash="-",
                created_at=context.clock.now(),
                **more,
            )
            for place in range(1, number + 1)
        ]
        session.add_all(nurses)
        session.flush()
        return nurses
