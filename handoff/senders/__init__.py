"""How a message leaves the house. Twilio for real; the console twin passes the same contract tests."""

from __future__ import annotations

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
