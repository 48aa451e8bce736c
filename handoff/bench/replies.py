"""`bedside bench`: how long a patient waits for an automatic reply. Prints, never judges."""

from __future__ import annotations

from time import perf_counter

from sqlalchemy import select

from handoff.bench.figures import spread
from handoff.context import Context
from handoff.evaluate import throw_away
from handoff.journeys import patient
from handoff.journeys.patient import Incoming
from handoff.models.conversation import AssessmentRecord
from handoff.models.delivery import SENT, Delivery
from handoff.settings import Settings
from handoff.wakeups import conversation_topic

QUESTIONS = (
    "what is asthma",
    "hi",
    "what are the symptoms of type 2 diabetes",
    "how can i lower my blood pressure",
    "who can see what i write",
    "is heart failure dangerous",
)
WARM_UP = 20
MESSAGES = 200


def main() -> int:
    """One patient at a time, by SMS: from the message's arrival to its reply handed to the sender."""
    with throw_away(Settings.load(demo=True)) as context:
        times = [_one(context, number) for number in range(WARM_UP + MESSAGES)][WARM_UP:]
        with context.database.reading() as session:
            triage = [one.milliseconds for one in session.scalars(select(AssessmentRecord))][WARM_UP:]
        print(f"{MESSAGES} messages, one at a time, SQLite:")
        print(f"  in to handed to the sender   {spread(times, 'ms')}")
        print(f"  triage alone                 {spread(triage, 'ms')}")
    return 0


def _one(context: Context, number: int) -> float:
    # Never the same twice, since vectors are remembered; no digits, which would be somebody's blood pressure.
    mark = "".join(chr(ord("a") + int(digit)) for digit in str(number))
    text = f"{QUESTIONS[number % len(QUESTIONS)]} {mark}"
    incoming = Incoming("sms", f"bench-{number}", text, address=f"+1202555{number:04}")
    started = perf_counter()
    received = patient.receive(context, incoming)
    topic = conversation_topic(received.conversation_id)
    while True:
        seen = context.wakeups.seen(topic)
        with context.database.reading() as session:
            sent = select(Delivery.id).where(
                Delivery.conversation_id == received.conversation_id,
                Delivery.state == SENT,
            )
            if session.scalar(sent.limit(1)) is not None:
                return 1000 * (perf_counter() - started)
        context.wakeups.wait(topic, seen, 1.0)
