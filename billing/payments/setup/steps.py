"""The steps of one run: told line by line, each write under a key of its own; a dry run only tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

import stripe

Made = TypeVar("Made")


class Steps:
    """Collects what is done."""

    def __init__(self, *, is_dry: bool) -> None:
        self.is_dry = is_dry
        self.lines: list[str] = []
        self._run = uuid4().hex

    def do(self, line: str, write: Callable[[stripe.RequestOptions], Made]) -> Made | None:
        """Tell a step and take it. None in a dry run. Repeats find what is there, so the key only guards this call."""
        self.lines.append(line)
        if self.is_dry:
            return None
        return write({"idempotency_key": f"setup-{self._run}-{len(self.lines)}"})

    def note(self, line: str) -> None:
        """Tell something that the operator has to do."""
        self.lines.append(line)
