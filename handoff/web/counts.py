"""The numbers for Prometheus, counted in the database when asked: the same whichever process answers."""

from collections.abc import Iterable
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import ColumnElement, extract, func, select
from sqlalchemy.orm import Session

from handoff.context import Context
from handoff.models.case import Case
from handoff.models.conversation import AssessmentRecord, Message
from handoff.models.delivery import Delivery
from handoff.models.turn import Turn


class Counts(Collector):
    """Counts only; no label ever holds what a patient wrote, or a number."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def collect(self) -> Iterable[Metric]:
        with self._context.database.reading() as session:
            yield _gauge(
                "bedside_messages", "Messages, by who said them.", ["author"],
                _counted(session, Message.author),
            )  # fmt: skip
            yield _gauge(
                "bedside_cases", "Cases, by state and acuity.", ["state", "acuity"],
                _counted(session, Case.state, Case.acuity),
            )  # fmt: skip
            yield _gauge(
                "bedside_deliveries", "Outgoing texts, by state.", ["state"],
                _counted(session, Delivery.state),
            )  # fmt: skip
            yield _gauge(
                "bedside_turns", "The assistant's turns, by state.", ["state"],
                _counted(session, Turn.state),
            )  # fmt: skip
            yield _turn_seconds(session)
            yield _triage_seconds(session)


def _counted(session: Session, *columns: Any) -> dict[tuple[str, ...], int]:
    rows = session.execute(select(*columns, func.count()).group_by(*columns))
    return {tuple(values): count for *values, count in rows}


def _gauge(name: str, what: str, labels: list[str], counted: dict[tuple[str, ...], int]) -> Metric:
    metric = GaugeMetricFamily(name, what, labels=labels)
    for values, count in counted.items():
        metric.add_metric(values, count)
    return metric


def _turn_seconds(session: Session) -> Metric:
    ended = select(func.count(), func.sum(_seconds(session))).where(Turn.ended_at.is_not(None))
    count, total = session.execute(ended).one()
    return _summary("bedside_turn_seconds", "From a message judged to the turn's end.", count, total)


def _triage_seconds(session: Session) -> Metric:
    judged = select(func.count(), func.sum(AssessmentRecord.milliseconds) / 1000)
    count, total = session.execute(judged).one()
    return _summary("bedside_triage_seconds", "Judging one message.", count, total)


def _summary(name: str, what: str, count: int, total: float | None) -> Metric:
    metric = SummaryMetricFamily(name, what)
    metric.add_metric([], count, float(total or 0))
    return metric


def _seconds(session: Session) -> ColumnElement[Any]:
    if session.get_bind().dialect.name == "postgresql":
        return extract("epoch", Turn.ended_at - Turn.created_at)
    return (func.julianday(Turn.ended_at) - func.julianday(Turn.created_at)) * 86400
