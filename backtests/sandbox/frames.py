"""How the child speaks: frames of a letter, four bytes of length and a body. Outside, nothing in them is believed."""

from __future__ import annotations

import struct

HEADER = struct.Struct("!cI")
# Before any foreign code runs, the child says that it is about to, or what stopped it.
BEGIN, REFUSED = b"B", b"X"
PROGRESS, RESULT, ERROR = b"P", b"R", b"E"
# A progress message is a line for a page, not a way out for data.
LARGEST_MESSAGE = 16 * 1024
MOST_MESSAGES = 10_000
MOST_OF_MESSAGES = 1024 * 1024
LARGEST_ERROR = 64 * 1024


def packed(kind: bytes, body: bytes = b"") -> bytes:
    """One frame."""
    return HEADER.pack(kind, len(body)) + body
