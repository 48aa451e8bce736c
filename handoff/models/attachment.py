"""A picture or voice note that came with a patient's message, and each attempt at fetching it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, ForeignKey, Index, String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from handoff.models.base import Base, EncryptedBytes, EncryptedText, UtcTime
from handoff.models.conversation import Message

WAITING, FETCHING, STORED, REFUSED, FAILED = "waiting", "fetching", "stored", "refused", "failed"
UNFINISHED = (WAITING, FETCHING)


class Attachment(Base):
    """Kept with its address when the message is kept; a worker fetches the content afterwards."""

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("message_id", "place"),
        Index("attachment_due", "state", "next_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    place: Mapped[int]
    """From 0, as it was numbered by the sender."""
    url: Mapped[str] = mapped_column(EncryptedText)
    """Where it lies; empty where only their number is known, then the provider is asked for the list."""
    said_type: Mapped[str] = mapped_column(EncryptedText)
    """The kind of content that it came announced as; others decide what is said, so it is checked."""
    state: Mapped[str] = mapped_column(String(8), default=WAITING)
    next_at: Mapped[datetime] = mapped_column(UtcTime)
    """When to try; while it is fetched, when the fetching counts as died."""
    tries: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str | None] = mapped_column(String(24))
    """What the content turned out to be (see `handoff.media`); None until it is stored."""
    size: Mapped[int | None]
    """Bytes."""
    content: Mapped[bytes | None] = mapped_column(EncryptedBytes, deferred=True)
    why: Mapped[str | None] = mapped_column(String(200))
    """Why it is not stored, or not yet: a sentence for the nurse."""

    message: Mapped[Message] = relationship(lazy="joined")

    @classmethod
    def keep(
        cls, session: Session, message: Message, media: Iterable[Mapping[str, str]], now: datetime
    ) -> None:
        """Note what came with the message, to be fetched."""
        for place, one in enumerate(media):
            said = one["content_type"]
            session.add(
                cls(message_id=message.id, place=place, url=one["url"], said_type=said, next_at=now)
            )

    @classmethod
    def of_all(cls, session: Session, messages: Sequence[Message]) -> dict[int, list[Attachment]]:
        """By message id, in order; without their content."""
        found: dict[int, list[Attachment]] = {one.id: [] for one in messages}
        query = select(cls).where(cls.message_id.in_(found)).order_by(cls.message_id, cls.place)
        for one in session.scalars(query):
            found[one.message_id].append(one)
        return found

    @classmethod
    def due(cls, session: Session, now: datetime) -> int | None:
        """The id of the one that has waited longest for a try: new, to be tried again, or left by the dead."""
        query = select(cls.id).where(cls.state.in_(UNFINISHED), cls.next_at <= now)
        return session.scalars(query.order_by(cls.next_at, cls.id).limit(1)).first()

    def claim(self, session: Session, now: datetime, until: datetime) -> bool:
        """One conditional UPDATE; False when another worker has it."""
        return self._change(
            session,
            Attachment.next_at <= now,
            state=FETCHING,
            next_at=until,
            tries=Attachment.tries + 1,
        )

    def end(self, session: Session, tries: int, **values: Any) -> bool:
        """Write what became of try number `tries`; False when a later one has begun meanwhile."""
        return self._change(session, Attachment.tries == tries, **values)

    def _change(self, session: Session, condition: Any, **values: Any) -> bool:
        result = session.execute(
            update(Attachment)
            .where(Attachment.id == self.id, Attachment.state.in_(UNFINISHED), condition)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        session.refresh(self)
        return cast("CursorResult[Any]", result).rowcount == 1


class AttachmentAttempt(Base):
    """Written before the provider is asked, finished after."""

    __tablename__ = "attachment_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    result: Mapped[str | None] = mapped_column(String(16))
