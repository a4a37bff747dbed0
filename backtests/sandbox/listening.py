"""One thread that reads what all children of a sandbox say, so that none of them can make anybody wait."""

from __future__ import annotations

import logging
import os
import selectors
import threading
from collections.abc import Callable
from contextlib import suppress

logger = logging.getLogger(__name__)

CHUNK = 256 * 1024
Reader = Callable[[bytes], None]


class Listening:
    """Reads descriptors in the background: each chunk goes to the descriptor's reader, an empty one at its end."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._coming: list[tuple[int, Reader]] = []
        self._closed = False
        self._bell, self._button = os.pipe()
        self._selector.register(self._bell, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._listen, name="sandbox", daemon=True)
        self._thread.start()

    def add(self, descriptor: int, reader: Reader) -> None:
        """Read a descriptor to its end and close it."""
        os.set_blocking(descriptor, False)
        with self._lock:
            self._coming.append((descriptor, reader))
        os.write(self._button, b"!")

    def close(self) -> None:
        """Stop, once everything that is still open was told that it ends."""
        self._closed = True
        os.write(self._button, b"!")
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _listen(self) -> None:
        while not self._closed:
            for key, _ in self._selector.select():
                if key.data is None:
                    os.read(self._bell, 1024)
                else:
                    self._read(key.fd, key.data)
            self._accept()
        for key in list(self._selector.get_map().values()):
            if key.data is not None:
                self._end(key.fd, key.data)
        self._selector.close()
        os.close(self._bell)
        os.close(self._button)

    def _accept(self) -> None:
        with self._lock:
            coming, self._coming = self._coming, []
        for descriptor, reader in coming:
            self._selector.register(descriptor, selectors.EVENT_READ, reader)

    def _read(self, descriptor: int, reader: Reader) -> None:
        try:
            chunk = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk or not _heard(reader, chunk):
            self._end(descriptor, reader)

    def _end(self, descriptor: int, reader: Reader) -> None:
        self._selector.unregister(descriptor)
        with suppress(OSError):
            os.close(descriptor)
        _heard(reader, b"")


def _heard(reader: Reader, chunk: bytes) -> bool:
    """Hand a chunk over. A reader that fails must not deafen the others."""
    try:
        reader(chunk)
    except Exception:
        logger.exception("A job of the sandbox could not be read.")
        return False
    return True
