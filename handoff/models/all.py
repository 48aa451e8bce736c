"""Imports every table, for the migrations and for `Base.metadata`."""

from handoff import audit
from handoff.models import answer, beat, case, contact, conversation, delivery, staff, turn

__all__ = ["answer", "audit", "beat", "case", "contact", "conversation", "delivery", "staff", "turn"]
