"""The child's frames as they come in: cut apart, counted and capped, and nothing in them believed."""

from __future__ import annotations

from dataclasses import dataclass, field

from backtests.sandbox import frames
from backtests.sandbox.job import JSON
from backtests.sandbox.untrusted import Unreadable, read_json


@dataclass
class Answers:
    """What one child has said. `broken` says why nothing more is read, in words that may be shown."""

    largest: int
    began: bool = False
    refused: str = ""
    final: tuple[bytes, bytes] | None = None
    broken: str = ""
    too_large: bool = False
    progress: list[JSON] = field(default_factory=list)
    _messages: int = 0
    _said: int = 0
    _buffer: bytearray = field(default_factory=bytearray)

    @property
    def over(self) -> bool:
        """Whether nothing more that the child says matters."""
        return bool(self.final or self.broken or self.refused)

    def feed(self, chunk: bytes) -> None:
        """Take in a piece of the stream."""
        if self.over:
            return
        self._buffer += chunk
        while frame := self._next():
            self._take(*frame)

    def _next(self) -> tuple[bytes, bytes] | None:
        """Cut the next whole frame off the buffer; None when it is not there yet, or no longer matters."""
        size = frames.HEADER.size
        if self.over or len(self._buffer) < size:
            return None
        kind, length = frames.HEADER.unpack_from(self._buffer)
        if not self._allowed(kind, length) or len(self._buffer) < size + length:
            return None
        body = bytes(self._buffer[size : size + length])
        del self._buffer[: size + length]
        return kind, body

    def _allowed(self, kind: bytes, length: int) -> bool:
        """Whether such a frame may come now. It is refused by its header, before its body is held in memory."""
        largest = {
            frames.BEGIN: 0,
            frames.REFUSED: frames.LARGEST_MESSAGE,
            frames.PROGRESS: frames.LARGEST_MESSAGE,
            frames.RESULT: self.largest,
            frames.ERROR: frames.LARGEST_ERROR,
        }
        if kind not in largest or self.began == (kind in (frames.BEGIN, frames.REFUSED)):
            self.broken = "The code wrote into the channel of its own result."
        elif length > largest[kind]:
            self.broken, self.too_large = "The result is larger than allowed.", True
        return not self.broken

    def _take(self, kind: bytes, body: bytes) -> None:
        if kind == frames.BEGIN:
            self.began = True
        elif kind == frames.REFUSED:
            self.refused = body.decode("utf-8", "replace")
        elif kind == frames.PROGRESS:
            self._note(body)
        else:
            self.final = kind, body

    def _note(self, body: bytes) -> None:
        self._messages += 1
        self._said += len(body)
        if self._messages > frames.MOST_MESSAGES or self._said > frames.MOST_OF_MESSAGES:
            self.broken, self.too_large = "The code sent too many progress messages.", True
            return
        try:
            self.progress.append(read_json(body))
        except Unreadable as error:
            self.broken = str(error)
