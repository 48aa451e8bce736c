"""The service's port: taken early, so that a busy one is told before anything is started."""

from __future__ import annotations

import errno
import socket

from handoff.errors import SettingsError
from handoff.settings import Settings


def take_port(settings: Settings) -> socket.socket:
    """A socket bound to the service's port. Raise SettingsError when it cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise _no_port(error, settings) from None
    return listener


def listen(listener: socket.socket, settings: Settings) -> None:
    """Let callers in. Raise SettingsError when another program was quicker."""
    try:
        listener.listen()
    except OSError as error:
        raise _no_port(error, settings) from None


def _no_port(error: OSError, settings: Settings) -> SettingsError:
    if error.errno == errno.EADDRINUSE:
        return SettingsError(
            f"Port {settings.port} on {settings.host} is taken by another program: stop it, "
            "or choose another port with BEDSIDE_PORT."
        )
    return SettingsError(
        f"Port {settings.port} on {settings.host} cannot be used ({error.strerror}): "
        "mend BEDSIDE_HOST or BEDSIDE_PORT."
    )
