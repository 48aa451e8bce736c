"""The patient's browser tests talk to an assistant that knows one answer."""

import pytest
from playwright.sync_api import expect

from tests.browser.patient.helpers import clinic
from tests.fixtures import DEADLINE, ScriptedAssistant


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant(answer=clinic)


@pytest.fixture(autouse=True, scope="session")
def _patience() -> None:
    expect.set_options(timeout=DEADLINE * 1000)
