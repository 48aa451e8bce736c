"""One case on the desk: the part that changes by itself, and everything one can do with it."""

from __future__ import annotations

from typing import Any

from handoff.context import Context
from handoff.journeys import cards
from handoff.journeys.holding import readable_case
from handoff.models.call_task import RESULTS
from handoff.models.case import ACUITIES, DISPOSITIONS
from handoff.models.closing import ADVISED, OUTCOMES
from handoff.models.staff import Staff
from handoff.web import judgement, words
from handoff.web.fitting import Fitting
from handoff.web.page import fragment


class CasePanel:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._fitting = Fitting(context)

    def __call__(self, case_id: int, staff: Staff) -> str:
        """The whole panel."""
        live = self.live(case_id, staff)
        with self._context.database.reading() as session:
            case = readable_case(session, case_id, staff)
            return fragment(
                "desk/panel.html", case=case, me=staff, live=live, words=words,
                dispositions=DISPOSITIONS, outcomes=OUTCOMES, advised=ADVISED, results=RESULTS,
                acuities=ACUITIES[::-1], languages=self._context.country.languages,
            )  # fmt: skip

    def live(self, case_id: int, staff: Staff) -> str:
        """What is sent again whenever it changes."""
        with self._context.database.reading() as session:
            case = readable_case(session, case_id, staff)
            mine = case.holder_id == staff.id
            view = cards.case_view(session, self._context, case)
            fitting = self._fitting(session, case) if mine else []
        return fragment(
            "desk/case.html", case=view, fitting=fitting, me=staff, words=words,
            how_sure=self._how_sure, local=words.Local.of(self._context),
        )  # fmt: skip

    def _how_sure(self, reason: dict[str, Any]) -> str:
        code = reason["code"]
        return judgement.how_sure(code, reason["odds"], judgement.line_of(self._context, code))
