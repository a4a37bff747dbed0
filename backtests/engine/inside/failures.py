"""What a customer is told of an exception in their code: its kind, its line, and a traceback without our frames."""

from __future__ import annotations

import traceback
from pathlib import PurePath
from typing import Any

from backtests.engine.inside.module import FILE
from backtests.engine.inside.script import ScriptFailed

SCRIPT = "script.py"
LONGEST_TEXT = 300
LONGEST_TRACEBACK = 8_000
OURS = "backtests/"


def failure_of(error: BaseException) -> dict[str, Any]:
    """As JSON: kind, message, line, traceback."""
    kind, message = _told(error)
    return {"kind": kind, "message": message, "line": _line(error), "traceback": _traceback(error)}


def _told(error: BaseException) -> tuple[str, str]:
    """The kind and one sentence. The words of the exception are the customer's own code's."""
    line = f"Line {_line(error)}" if _line(error) else "The code"
    text = f"{type(error).__name__}: {error}"[:LONGEST_TEXT]
    match error:
        case ScriptFailed():
            return error.kind, error.message
        case SyntaxError():
            return "syntax", f"{line} is not valid Python: {error.msg}."
        case ImportError():
            return "import", f"{line} imports what is not there: {error.msg}. The packages are listed in the docs."
        case MemoryError():
            return "memory", f"{line} asked for more memory than a run may use. Keep fewer or smaller arrays."
        case AttributeError() if "is missing parameter" in str(error):
            return "parameters", f"The strategy has no such parameter: {error}"[:LONGEST_TEXT]
        case SystemExit():
            return "runtime", f"{line} ended the program. Leave out exit() and quit()."
    cause = _cause(error)
    if cause is not error:
        text = f"{type(cause).__name__}: {cause} (in an indicator)"[:LONGEST_TEXT]
    return "runtime", f"{line} stopped with {text}"


def _cause(error: BaseException) -> BaseException:
    """What went wrong in an indicator: the library, and our runtime around it, tell only that something did."""
    while isinstance(error, RuntimeError) and error.__cause__ is not None and str(error).startswith("Indicator"):
        error = error.__cause__
    return error


def _line(error: BaseException) -> int | None:
    """The last line of the customer's code on the way to the error."""
    if isinstance(error, ScriptFailed) and error.line is not None:
        return error.line
    if isinstance(error, SyntaxError) and error.filename in (FILE, SCRIPT):
        return error.lineno
    deepest = _cause(error)
    lines = [frame.lineno for frame in traceback.extract_tb(deepest.__traceback__) if frame.filename in (FILE, SCRIPT)]
    return lines[-1] if lines else None


def _traceback(error: BaseException) -> str:
    """The frames of the customer's code and of libraries, these by their last two names."""
    if isinstance(error, ScriptFailed) and error.__cause__ is not None:
        error = error.__cause__
    error = _cause(error)
    frames = traceback.extract_tb(error.__traceback__)
    shown = [frame for frame in frames if OURS not in frame.filename]
    for frame in shown:
        frame.filename = "/".join(PurePath(frame.filename).parts[-2:])
    text = "".join(traceback.format_list(shown)) + "".join(traceback.format_exception_only(error))
    return text[-LONGEST_TRACEBACK:]
