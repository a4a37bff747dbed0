"""Why a script did not run, named so that its author knows what to change."""

from __future__ import annotations


class ScriptFailed(Exception):
    """The script cannot be run.

    `kind` is one of the engine's kinds of failure, `message` one sentence for the customer.
    `line` counts from 1 in the source that was given, or is None.
    """

    def __init__(self, kind: str, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.line = line


class UnknownIndicator(AttributeError):
    """A library of indicators has no such function."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
