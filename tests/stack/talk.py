"""One patient talking with the whole product."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import select

from handoff.context import Context
from handoff.journeys import patient
from handoff.journeys.patient import Incoming
from handoff.models.case import Case
from handoff.models.conversation import PATIENT, Conversation, Message
from handoff.models.delivery import QUEUED, SENDING, Delivery
from handoff.models.turn import PENDING, Turn
from tests.fixtures import eventually

UNSENT = (QUEUED, SENDING)
_NUMBERS = count(100)


@dataclass
class Talk:
    """A conversation in the web chat or by text message; `say` returns what came back for it, in order."""

    context: Context
    channel: str = "web"
    id: str = ""
    said: int = 0
    number: str = field(default_factory=lambda: f"+1202555{next(_NUMBERS):04}")

    def __post_init__(self) -> None:
        if self.channel == "web":
            _, self.id = patient.start_chat(self.context)

    def say(self, text: str) -> list[dict[str, Any]]:
        self.said += 1
        if self.channel == "web":
            incoming = Incoming("web", str(self.said), text, conversation_id=self.id)
        else:
            incoming = Incoming("sms", f"{self.number}-{self.said}", text, address=self.number)
        received = patient.receive(self.context, incoming)
        self.id, seq = received.conversation_id, received.seq
        eventually(lambda: self._settled(seq), f"a reply to message {seq}")
        with self.context.database.reading() as session:
            conversation = session.get_one(Conversation, self.id)
            news = patient.messages_for_patient(session, conversation, after=seq)
        return [one for one in news if one["author"] != PATIENT]

    def outcome(self) -> str | None:
        """What the newest turn came to."""
        with self.context.database.reading() as session:
            query = select(Turn).where(Turn.conversation_id == self.id).order_by(Turn.id.desc())
            turn = session.scalars(query.limit(1)).first()
            return turn.outcome if turn else None

    def case(self) -> Case | None:
        with self.context.database.reading() as session:
            conversation = session.get(Conversation, self.id)
            return Case.open_in(session, conversation) if conversation else None

    def _settled(self, seq: int) -> bool:
        """Judged, its turn ended, and every text handed to the sender."""
        with self.context.database.reading() as session:
            query = select(Message).where(Message.conversation_id == self.id, Message.seq == seq)
            message = session.scalars(query).one()
            turn = session.scalars(select(Turn).where(Turn.message_id == message.id)).one_or_none()
            waits = select(Delivery.id).where(Delivery.conversation_id == self.id, Delivery.state.in_(UNSENT))
            ended = turn is None or turn.state != PENDING
            return message.triaged_at is not None and ended and session.scalar(waits.limit(1)) is None
