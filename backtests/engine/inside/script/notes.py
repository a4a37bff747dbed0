"""What was changed so that a script could run, in plain words, each change once."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Notes:
    """The adaptations of one run, in the order in which they were first needed, with how often each was.

    `stack` undoes what is patched for the run. `unit` is the smallest size that the broker trades, in the units of the
    prices that the strategy sees: a size such as 2.5 needs no rounding where it is below 1.
    """

    counts: dict[str, int] = field(default_factory=dict)
    stack: ExitStack = field(default_factory=ExitStack)
    unit: float = 1.0
    # The strategy that is running, and whether a method of pandas was used on its arrays.
    strategy: Any = None
    is_loose: bool = False
    is_revealing: bool = False

    def add(self, text: str) -> None:
        self.counts[text] = self.counts.get(text, 0) + 1

    def __contains__(self, text: str) -> bool:
        return text in self.counts

    @property
    def texts(self) -> list[str]:
        return list(self.counts)

    def bars(self) -> tuple[int, int] | None:
        """Bars that the running strategy has been shown, and all bars."""
        if self.strategy is None:
            return None
        return len(self.strategy._data), len(self.strategy._data._Data__df)
