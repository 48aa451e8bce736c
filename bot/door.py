"""What both of Rasa's servers have in common: the secret at the door, a health page, loopback only."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from handoff.contract import SECRET_HEADER

HOST = "127.0.0.1"
MAX_REQUEST_BYTES = 1_000_000
HEALTH_PATH = "/health"


def guard(app: Sanic, secret: str, ready: Callable[[], bool]) -> None:
    """Answer 401 to whoever does not know the secret; `GET /health` says 200 once `ready()`, 503 before."""
    app.config.REQUEST_MAX_SIZE = MAX_REQUEST_BYTES
    app.config.FALLBACK_ERROR_FORMAT = "json"

    @app.middleware("request")
    async def know_the_secret(request: Request) -> HTTPResponse | None:
        if request.path == HEALTH_PATH:
            return None
        given = request.headers.get(SECRET_HEADER, "")
        if hmac.compare_digest(given.encode(), secret.encode()):
            return None
        return response.json({"error": f"The header {SECRET_HEADER} is missing or wrong."}, status=401)

    @app.get(HEALTH_PATH)
    async def health(request: Request) -> HTTPResponse:
        return response.json({"ready": ready()}, status=200 if ready() else 503)


def serve(app: Sanic, port: int) -> None:
    """Serve on loopback until SIGTERM or SIGINT."""
    app.run(host=HOST, port=port, workers=1, access_log=False, debug=False)
