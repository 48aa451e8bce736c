"""Bad lines for a page: slow, cut, and one that swallows what is sent into it."""

from __future__ import annotations

from playwright.sync_api import CDPSession, Page, Route

SLOW = {"latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""Milliseconds for a round trip and bytes a second: 400 kbit/s, a phone at the edge of its network."""


class Line:
    """The line of one page, from now on slow."""

    def __init__(self, page: Page) -> None:
        self.chromium: CDPSession = page.context.new_cdp_session(page)
        self.chromium.send("Network.enable")
        self.mend()

    def mend(self) -> None:
        self._is(offline=False)

    def cut(self) -> None:
        self._is(offline=True)

    def _is(self, offline: bool) -> None:
        self.chromium.send("Network.emulateNetworkConditions", {"offline": offline, **SLOW})


def swallow(route: Route) -> None:
    """Neither an answer nor an error ever comes."""
