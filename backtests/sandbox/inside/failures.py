"""An exception of foreign code, told so that its author can mend it."""

from __future__ import annotations

import traceback
from types import TracebackType

from backtests.sandbox.job import JSON

LONGEST_MESSAGE = 1000
LONGEST_TRACEBACK = 8000
MOST_FRAMES = 12


def described(error: BaseException) -> dict[str, JSON]:
    """Kind, message, line and traceback. Describing must not fail, though `str(error)` is foreign code as well."""
    try:
        return {
            "kind": type(error).__name__,
            "message": str(error)[:LONGEST_MESSAGE],
            "line": _line(error),
            "traceback": _traceback(error),
        }
    except BaseException:
        return {"kind": type(error).__name__, "message": "", "line": None, "traceback": ""}


def _line(error: BaseException) -> int | None:
    """The line in the customer's own code: its innermost frame, or where its syntax breaks."""
    if isinstance(error, SyntaxError) and error.lineno:
        return error.lineno
    lines = [number for name, number in _places(error.__traceback__) if _is_foreign(name)]
    return lines[-1] if lines else None


def _places(trace: TracebackType | None) -> list[tuple[str, int]]:
    return [(frame.f_code.co_filename, number) for frame, number in traceback.walk_tb(trace)]


def _is_foreign(filename: str) -> bool:
    """Customers' code is compiled from text, under a name such as `<strategy>`; modules of the runtime have paths."""
    return filename.startswith("<") and not filename.startswith(("<frozen", "<__array_function__"))


def _traceback(error: BaseException) -> str:
    summary = traceback.TracebackException.from_exception(error, limit=-MOST_FRAMES, lookup_lines=True, compact=True)
    return "".join(summary.format(chain=False))[-LONGEST_TRACEBACK:]
