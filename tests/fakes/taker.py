"""A local server that takes messages: it keeps what came, and can refuse, delay, hang up or say nothing."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    """What is answered. `hangs`: seconds of silence first; `resets`: no answer, the connection breaks."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hangs: float = 0.0
    resets: bool = False


def reply(status: int, document: Any = None, **headers: str) -> Reply:
    """An answer in JSON; underscores in the names of headers stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if document is None:
        return Reply(status, headers=named)
    return Reply(status, json.dumps(document).encode(), named | {"Content-Type": "application/json"})


def page(status: int, **headers: str) -> Reply:
    """An answer in HTML, as it comes from the edge and not from the service."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, b"<!DOCTYPE html><title>Error</title>", named | {"Content-Type": "text/html"})


class Taker:
    """A context manager. `place` is where it listens, as OUTBOUND_ROUTES names it.

    `next` holds replies that come first, in order, whatever is asked; then `answer` decides.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.next: list[Reply | Callable[[], Reply]] = []
        self.lock = threading.Lock()
        self._ended = threading.Event()
        taker = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                taker._take(self)

            do_GET = do_PATCH = do_POST  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                """The test's output is no place for it."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that hangs up is part of the tests."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Any:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: Request) -> Reply:
        """What this service says to a request."""
        return Reply()

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        names = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.command, handler.path, names, body, time.monotonic())
        with self.lock:
            self.requests.append(request)
            first = self.next.pop(0) if self.next else None
            made = self.answer(request) if first is None else first if isinstance(first, Reply) else first()
        self._send(handler, made)

    def _send(self, handler: BaseHTTPRequestHandler, made: Reply) -> None:
        if made.hangs:
            self._ended.wait(made.hangs)
        if made.resets or self._ended.is_set():
            handler.connection.close()
            return
        handler.send_response(made.status)
        for name, value in made.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(made.body)))
        handler.end_headers()
        handler.wfile.write(made.body)
