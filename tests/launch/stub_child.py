"""A child for the tests: answers /health on a port, and ends when its parent's pipe does.

`stub_child.py PORT [ends|hangs]`: `ends` exits with code 3 before serving; `hangs` never serves.
"""

from __future__ import annotations

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def end_with_parent() -> None:
    while os.read(int(os.environ["BEDSIDE_PARENT_PIPE"]), 1):
        pass
    os._exit(0)


if __name__ == "__main__":
    port, how = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    if how == "ends":
        sys.exit(3)
    threading.Thread(target=end_with_parent, daemon=True).start()
    if how == "hangs":
        threading.Event().wait()
    HTTPServer(("127.0.0.1", port), Health).serve_forever()
