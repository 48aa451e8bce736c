"""How a message leaves the house, and how what came with one is fetched. Twilio for real; the console twins
pass the same contract tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Sender(Protocol):
    receipts: bool
    """Whether it tells later that a message has arrived. If not, being handed over is all that is known."""

    def send(self, to: str, text: str) -> str:
        """Hand one message over; return the provider's id for it.

        Raise DeliveryError (permanent or not) when it was refused, DeliveryUnknown when nobody can say
        whether it was taken.
        """

    def find(self, to: str, text: str, since: datetime) -> str | None:
        """The provider's id of a message like this that it took since then, or None."""


@dataclass(frozen=True)
class Fetched:
    content_type: str
    """As its source names it; may be empty."""
    content: bytes


class MediaSource(Protocol):
    def fetch(self, url: str, most: int) -> Fetched:
        """The picture or voice note at this address, of at most `most` bytes.

        Raise DeliveryError (permanent or not), whose sentence goes on from "not stored: ".
        """

    def address(self, message_id: str, place: int) -> str:
        """Where the file with this number (from 0) of a received message lies. Raise DeliveryError."""
