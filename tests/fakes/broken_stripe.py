"""Stripe on a bad day: every call goes on to a sandbox, but those for one object fail."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PASSED_ON = ("Authorization", "Stripe-Version", "Content-Type", "Idempotency-Key")
BROKEN = b'{"error": {"type": "api_error", "message": "An unknown error occurred"}}'


@contextmanager
def broken_for(object_id: str, *, behind: str) -> Iterator[str]:
    """The URL of a Stripe that answers 500 for this object, and as the one behind it for all others."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = (500, BROKEN) if object_id in self.path else self.ask()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def ask(self) -> tuple[int, bytes]:
            headers = {name: self.headers[name] for name in PASSED_ON if self.headers[name]}
            try:
                with urllib.request.urlopen(urllib.request.Request(behind + self.path, headers=headers)) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.read()

        def log_message(self, format: str, *args: object) -> None:
            """The test's output is no place for it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
