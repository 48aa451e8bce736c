"""The assistant's process: Rasa with one trained model behind `bot.channel`, and no other way in."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.run import configure_app, create_http_input_channels
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints
from sanic import Sanic

from bot import door

log = logging.getLogger(__name__)


def create_app(model: Path, endpoints_file: Path, credentials_file: Path, secret: str) -> Sanic:
    """Load the model and wire everything. Raise what Rasa raises when the model cannot be loaded."""
    endpoints = AvailableEndpoints.read_endpoints(str(endpoints_file))
    agent = Agent(
        tracker_store=TrackerStore.create(endpoints.tracker_store), action_endpoint=endpoints.action
    )
    agent.load_model(model)
    channels = create_http_input_channels(None, str(credentials_file))
    app = configure_app(channels, enable_api=False)
    app.ctx.agent = agent
    app.ctx.ready = False
    door.guard(app, secret, ready=lambda: bool(app.ctx.ready))
    app.register_listener(_warm_up, "after_server_start")
    return app


async def _warm_up(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
    """Read one sentence before saying ready: the first one costs ten times as much as the next."""
    await app.ctx.agent.processor.parse_message(UserMessage("what is asthma"))
    app.ctx.ready = True
    log.info("assistant ready")
