"""One thing that the check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# An error will fail or trade nothing; a warning makes the result doubtful; a note is worth knowing.
Severity = Literal["error", "warning", "note"]
ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True)
class Finding:
    """What is wrong in which line (from 1), in plain words, and what to do about it."""

    code: str
    severity: Severity
    line: int
    text: str
    remedy: str

    def as_json(self) -> dict[str, str | int]:
        return {
            "code": self.code,
            "severity": self.severity,
            "line": self.line,
            "text": self.text,
            "remedy": self.remedy,
        }
