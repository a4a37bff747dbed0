"""A unix socket in front of another one, which can lose connections, refuse new ones or go deaf."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path


class Proxy:
    """Passes bytes both ways until told otherwise. A context manager; `path` is where clients connect.

    `deaf`: connections stand and new ones are taken, but every byte is swallowed, as behind a dead router.
    `cut()`: every connection breaks and new ones are refused, as with a stopped server, until `mend()`.
    """

    def __init__(self, path: Path, target: Path) -> None:
        self.path, self._target = path, target
        self.deaf = False
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._listener: socket.socket | None = None

    def __enter__(self) -> Proxy:
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def mend(self) -> None:
        """Take connections again, and hear."""
        self.deaf = False
        if self._listener is not None:
            return
        self.path.unlink(missing_ok=True)
        listener = self._listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.path))
        # The tests may run as root and their servers as somebody else.
        self.path.chmod(0o777)
        listener.listen(64)
        threading.Thread(target=self._take, args=[listener], daemon=True).start()

    def cut(self) -> None:
        """Break everything that is open, and refuse what comes."""
        if self._listener is not None:
            _close(self._listener)
            self._listener = None
        self.path.unlink(missing_ok=True)
        with self._lock:
            for connection in self._open:
                _close(connection)
            self._open.clear()

    def _take(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._target))
            except OSError:
                return
            with self._lock:
                self._open += [client, server]
            threading.Thread(target=self._pass, args=[client, server], daemon=True).start()
            threading.Thread(target=self._pass, args=[server, client], daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not self.deaf:
                    sink.sendall(data)
        _close(source)
        _close(sink)


def _close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
