"""What the attackers are after: files, servers, processes and a secret of this process."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy

from backtests.sandbox import JSON
from backtests.sandbox.warmth import ROOT

CONTENT = "what another tenant earns"
SECRET = "MOONDEV_TEST_SECRET_KEY"


@dataclass(frozen=True)
class Prey:
    """Everything within reach of an ordinary user of this machine."""

    folder: Path
    http: ThreadingHTTPServer
    unix: socket.socket
    visits: list[str]

    @property
    def payload(self) -> dict[str, JSON]:
        """Where everything is, as a well informed attacker would know it."""
        port = self.http.server_address[1]
        return {
            "foreign": str(self.folder / "foreign.csv"),
            "root": str(ROOT),
            "pid": os.getpid(),
            "secret_name": SECRET,
            "library": str(next(Path(numpy.__file__).parent.rglob("*.so"))),
            "ports": [port, 5432, 6379, 8000, 8010],
            "url": f"http://127.0.0.1:{port}/",
            "sockets": [
                str(self.folder / "socket"),
                "\0moondev-test",
                "/run/postgresql/.s.PGSQL.5432",
                "/run/docker.sock",
            ],
        }

    def harm(self) -> list[str]:
        """What was done to it."""
        found = [f"asked for {path}" for path in self.visits]
        if sorted(path.name for path in self.folder.iterdir()) != ["foreign.csv", "socket"]:
            found.append("the folder was changed")
        elif (self.folder / "foreign.csv").read_text() != CONTENT:
            found.append("the file was changed")
        try:
            self.unix.accept()
            found.append("the socket was reached")
        except BlockingIOError:
            pass
        return found


@contextmanager
def lay_out() -> Iterator[Prey]:
    """Put it where it can be found, and take it away afterwards."""
    visits: list[str] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            visits.append(self.path)
            self.send_error(404)

    folder = Path(tempfile.mkdtemp(prefix="moondev-prey-"))
    folder.chmod(0o777)
    (folder / "foreign.csv").write_text(CONTENT)
    (folder / "foreign.csv").chmod(0o666)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        http = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Page))
        Thread(target=http.serve_forever, daemon=True).start()
        stack.callback(http.shutdown)
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind(str(folder / "socket"))
        unix.listen()
        unix.setblocking(False)
        os.environ[SECRET] = "the secret of this process"
        stack.callback(os.environ.pop, SECRET)
        yield Prey(folder, http, unix, visits)
