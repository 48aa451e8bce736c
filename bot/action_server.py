"""The action server's process: Rasa's own executor behind a door of ours.

The SDK's ready-made server answers everybody, lists its actions, and on an error sends the request back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import door

log = logging.getLogger(__name__)


def create_app(actions: Iterable[Action], secret: str) -> Sanic:
    """`POST /webhook` runs one of `actions`, as Rasa's action endpoint expects it."""
    app = Sanic("bedside_actions", configure_logging=False)
    door.guard(app, secret, ready=lambda: True)
    executor = ActionExecutor()
    for action in actions:
        executor.register_action(action)

    @app.post("/webhook")
    async def webhook(request: Request) -> HTTPResponse:
        try:
            return response.json(await executor.run(request.json))
        except ActionNotFoundException:
            return response.json({"error": "There is no such action."}, status=404)
        except Exception:
            log.exception("action call failed")
            return response.json({"error": "The action failed."}, status=500)

    return app
