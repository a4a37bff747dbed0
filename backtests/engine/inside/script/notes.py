"""What was changed so that a script could run, in plain words, each change once."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Notes:
    """The adaptations of one run, in the order in which they were first needed, with how often each was."""

    counts: dict[str, int] = field(default_factory=dict)
    # True when the broker trades fractions of a unit, so that a size such as 2.5 needs no rounding.
    fractional: bool = False

    def add(self, text: str) -> None:
        self.counts[text] = self.counts.get(text, 0) + 1

    def __contains__(self, text: str) -> bool:
        return text in self.counts

    @property
    def texts(self) -> list[str]:
        return list(self.counts)
