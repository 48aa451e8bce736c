"""What patients said to "did that help?", each for the version of the answer that they had read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, ForeignKey, String, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from handoff.models.base import Base, UtcTime
from handoff.models.conversation import Conversation

Counts = Mapping[bool, int]
"""How many said yes (True) and no (False); 0 for what nobody said."""


class Helped(Base):
    """The question, asked once about one answer; `helped` is None until the patient says yes or no."""

    __tablename__ = "helped"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    answer_id: Mapped[str] = mapped_column(String(120), index=True)
    answer_version: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    said_at: Mapped[datetime | None] = mapped_column(UtcTime)
    helped: Mapped[bool | None]

    @classmethod
    def asked_since(cls, session: Session, conversation: Conversation, since: datetime) -> bool:
        query = select(cls.id).where(cls.conversation_id == conversation.id, cls.asked_at > since)
        return session.scalars(query.limit(1)).first() is not None

    @classmethod
    def say(
        cls, session: Session, conversation: Conversation, helped: bool, now: datetime, since: datetime
    ) -> bool:
        """Count a yes or no to the question that was asked after `since`; once, whatever follows."""
        result = session.execute(
            update(cls)
            .where(cls.conversation_id == conversation.id, cls.asked_at > since, cls.helped.is_(None))
            .values(helped=helped, said_at=now)
        )
        return cast("CursorResult[Any]", result).rowcount == 1

    @classmethod
    def by_answer(cls, session: Session) -> dict[str, Counts]:
        """By answer id, all its versions together."""
        rows = session.execute(
            select(cls.answer_id, cls.helped, func.count())
            .where(cls.helped.is_not(None))
            .group_by(cls.answer_id, cls.helped)
        )
        return _counted(rows)

    @classmethod
    def by_version(cls, session: Session, answer_id: str) -> dict[int, Counts]:
        """By version of one answer."""
        rows = session.execute(
            select(cls.answer_version, cls.helped, func.count())
            .where(cls.answer_id == answer_id, cls.helped.is_not(None))
            .group_by(cls.answer_version, cls.helped)
        )
        return _counted(rows)


def _counted(rows: Any) -> dict[Any, Counts]:
    found: dict[Any, Counter[bool]] = {}
    for of, helped, count in rows:
        found.setdefault(of, Counter())[helped] = count
    return cast("dict[Any, Counts]", found)
