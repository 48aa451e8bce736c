"""One patient talking with the whole product."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from handoff.context import Context
from handoff.journeys import patient
from handoff.journeys.patient import Incoming
from handoff.models.case import Case
from handoff.models.conversation import PATIENT, Conversation, Message
from handoff.models.turn import PENDING, Turn
from tests.fixtures import eventually


@dataclass
class Talk:
    """A web conversation; `say` returns what came back for it, in order."""

    context: Context
    id: str = field(init=False)
    said: int = 0

    def __post_init__(self) -> None:
        _, self.id = patient.start_chat(self.context)

    def say(self, text: str) -> list[dict[str, Any]]:
        self.said += 1
        incoming = Incoming("web", str(self.said), text, conversation_id=self.id)
        seq = patient.receive(self.context, incoming).seq
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
            return Case.open_in(session, session.get_one(Conversation, self.id))

    def _settled(self, seq: int) -> bool:
        with self.context.database.reading() as session:
            query = select(Message).where(Message.conversation_id == self.id, Message.seq == seq)
            message = session.scalars(query).one()
            turn = session.scalars(select(Turn).where(Turn.message_id == message.id)).one_or_none()
            return message.triaged_at is not None and (turn is None or turn.state != PENDING)
