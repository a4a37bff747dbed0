"""A webhook endpoint that is not ours: it keeps what it is sent, and can refuse."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import stripe


@dataclass(frozen=True)
class Letter:
    """One webhook as it came in."""

    body: bytes
    signature: str


class Receiver:
    """Answers with `status` and keeps `letters`. A context manager; `url` is where to send."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.letters.append(Letter(body, self.headers["Stripe-Signature"]))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """The test's output is no place for it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhook"

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, count: int, seconds: float = 10) -> list[Letter]:
        """The letters once there are so many."""
        deadline = time.monotonic() + seconds
        while len(self.letters) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(self.letters) >= count, f"{len(self.letters)} of {count} came"
        return self.letters

    def events(self, secret: str) -> list[stripe.Event]:
        """What came so far, read with Stripe's own check of the signature."""
        return [stripe.Webhook.construct_event(each.body, each.signature, secret) for each in self.letters]
