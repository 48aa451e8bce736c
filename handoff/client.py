"""How the actions ask the service for approved answers: HTTP on loopback, reading only.

httpx and the standard library, Python 3.10 and later, because the bot environment imports it.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

import httpx

from handoff.contract import ANSWER_PATH, FIND_PATH, SECRET_HEADER, ContractError, Found, Hit

DEADLINE_SECONDS = 2.0
"""One question to the service; the whole turn has 4 s, so a hanging service is reported in time."""


class ServiceUnavailable(Exception):
    """The service did not give a usable reply. The message never holds what was sent or received."""


class ServiceClient:
    """Asks the service which approved answer serves a question. One client serves a whole process."""

    def __init__(self, url: str, secret: str, deadline: float = DEADLINE_SECONDS) -> None:
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={SECRET_HEADER: secret},
            timeout=deadline,
            trust_env=False,  # a proxy set for the outside world must not see loopback traffic
            # Shorter than the 5 s after which the service closes an idle connection, so the two never race.
            limits=httpx.Limits(keepalive_expiry=2.0),
        )

    async def __aenter__(self) -> ServiceClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def find(self, text: str, about: str | None, language: str = "en") -> Found:
        """Rank the published answers for `text`; `about` is the topic of the conversation so far, if any."""
        reply = await self._post(FIND_PATH, {"text": text, "about": about, "language": language})
        try:
            return Found.from_json(self._body(reply))
        except ContractError:
            raise ServiceUnavailable("the service's search result is not of the agreed shape") from None

    async def answer(self, answer_id: str, language: str = "en") -> Hit | None:
        """The answer as it is published now, in `language` if there is one; None when it is gone."""
        reply = await self._post(ANSWER_PATH, {"answer_id": answer_id, "language": language})
        if reply.status_code == httpx.codes.NOT_FOUND:
            return None
        try:
            return Hit(**self._body(reply))
        except TypeError:
            raise ServiceUnavailable("the service's answer is not of the agreed shape") from None

    async def _post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        try:
            return await self._http.post(path, json=body)
        except httpx.HTTPError as error:
            raise ServiceUnavailable(f"the service did not reply: {type(error).__name__}") from None

    @staticmethod
    def _body(reply: httpx.Response) -> Any:
        if reply.status_code != httpx.codes.OK:
            raise ServiceUnavailable(f"the service answered {reply.status_code}")
        try:
            return reply.json()
        except ValueError:
            raise ServiceUnavailable("the service's reply is not JSON") from None
