"""`python -m handoff` is the `bedside` command."""

import sys

from handoff.cli import main

sys.exit(main(sys.argv[1:]))
