"""The patient's browser tests talk to an assistant that knows one answer."""

import pytest

from tests.browser.patient.helpers import clinic
from tests.fixtures import ScriptedAssistant


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant(answer=clinic)
