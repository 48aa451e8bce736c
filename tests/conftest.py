"""Loads the service's fixtures where the service runs; the assistant's tests (Python 3.10) do without."""

import sys

pytest_plugins = ["tests.fixtures"] if sys.version_info >= (3, 11) else []
