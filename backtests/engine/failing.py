"""Why there is no result, in one plain sentence with its remedy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtests.engine.ledger import MOST_FILLS
from backtests.engine.outcomes import Failed
from backtests.sandbox.job import Failure, Limits, Outcome

LONGEST_MESSAGE = 500
LONGEST_TRACEBACK = 8_000
ENDINGS = {
    "timeout": "The strategy was stopped after {wall_sec:g} seconds. Use fewer bars, or do less on each of them.",
    "cpu": "The strategy used up its {cpu_sec:g} seconds of processor time. Use fewer bars, or do less on each one.",
    "memory": "The strategy needed more than {memory_mb} MB of memory. Keep fewer or smaller arrays.",
    "output": "The strategy gave more than {output_mb} MB of results. Trade less often, or use fewer bars.",
    "crashed": "The strategy's process ended by itself. Leave out what ends a process, and native code that crashes.",
    "cancelled": "The run was cancelled.",
}
# What the sandbox calls a child that ended through no fault of its code.
OURS = "sandbox"
KINDS = {"cpu": "timeout"}
# What a child may call its failure; it is our own code there that names it, but foreign code runs beside it.
SAID = frozenset(
    {
        "syntax", "import", "runtime", "memory", "no_strategy", "parameters", "unknown_indicator", "missing_column",
        "missing_file", "own_data", "changed_prices", "not_backtesting", "network",
    }
)  # fmt: skip
FORGED = "The result does not agree with the bars and the account's rules, so it is not shown. {reason}"
TOO_MANY = f"The strategy traded more than {MOST_FILLS:,} times. Trade less often, or use fewer bars."
UNREADABLE = "The data set's file cannot be read or is not the one that was chosen. Upload the data set again."


def failed_of(outcome: Outcome, limits: Limits) -> Failed | None:
    """The failure in an outcome, whether the sandbox ended it or the code raised; None when it gave a result."""
    document = outcome.document
    # A child's own word comes as "error", so none can claim this.
    if outcome.ended == "crashed" and outcome.error and outcome.error.kind == OURS:
        return told(OURS, outcome.error.message, outcome)
    if outcome.ended == "done":
        said = document.get("failed") if isinstance(document, Mapping) else None
        return said_by(said, outcome) if said is not None else None
    if outcome.ended == "error":
        return raised(outcome.error, outcome)
    message = ENDINGS[outcome.ended].format(**vars(limits))
    return told(KINDS.get(outcome.ended, outcome.ended), message, outcome)


def said_by(said: Any, outcome: Outcome, *, cell_sec: float = 0.0) -> Failed:
    """A failure that the child described. Its words are the customer's own; only their shape is checked.

    A cell of a grid, which may use `cell_sec` of processor time, may also have used it up.
    """
    fields = said if isinstance(said, Mapping) else {}
    kind, message = _text(fields.get("kind"), 30), _text(fields.get("message"), LONGEST_MESSAGE)
    if cell_sec and kind == "timeout":
        return told(kind, ENDINGS["cpu"].format(cpu_sec=cell_sec), outcome)
    line = fields.get("line")
    return told(
        kind if kind in SAID else "runtime",
        message or "The code stopped with an error.",
        outcome,
        line=line if type(line) is int and line > 0 else None,
        traceback=_text(fields.get("traceback"), LONGEST_TRACEBACK),
    )


def raised(error: Failure | None, outcome: Outcome) -> Failed:
    """What the sandbox caught: the code raised something that even its own program did not expect."""
    if error is None:
        return told("runtime", "The code stopped with an error.", outcome)
    message = f"The code stopped with {error.kind}: {error.message}"[:LONGEST_MESSAGE]
    return told("runtime", message, outcome, line=error.line, traceback=error.traceback)


def told(
    kind: str, message: str, outcome: Outcome, *, line: int | None = None, traceback: str = "", document: Any = None
) -> Failed:
    """A failure with the log and the level of its outcome."""
    return Failed(
        kind=kind,
        message=message,
        line=line,
        traceback=traceback,
        log=outcome.log,
        adaptations=texts(outcome.document, "adaptations"),
        level=outcome.level.name.lower(),
        seconds=outcome.seconds,
    )


def texts(document: Any, name: str) -> list[str]:
    """A list of short sentences in a child's answer."""
    found = document.get(name) if isinstance(document, Mapping) else None
    return [text[:LONGEST_MESSAGE] for text in found[:50] if isinstance(text, str)] if isinstance(found, list) else []


def _text(value: Any, longest: int) -> str:
    return value[:longest] if isinstance(value, str) else ""
