"""The lines of a file as cells, one at a time and never more than a bounded piece of it in memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from marketdata.cells import BadCell

LONGEST_LINE = 65_536


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it stands in the file, and its number, counted from 1."""

    number: int
    raw: bytes

    def cells(self) -> list[str]:
        """Its cells, or `BadCell` where it is not UTF-8, not CSV, or too long."""
        if len(self.raw) >= LONGEST_LINE:
            raise BadCell(f"longer than {LONGEST_LINE:,} bytes")
        try:
            text = self.raw.decode().rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise BadCell("not UTF-8") from error
        return self._split(text.removeprefix("\ufeff") if self.number == 1 else text)

    def _split(self, text: str) -> list[str]:
        if '"' not in text:
            return text.split(",")
        try:
            # No column of the catalogue may hold a line break, so a quote never reaches into the next line.
            return next(csv.reader([text], strict=True))
        except csv.Error as error:
            raise BadCell("a quote is not closed") from error


def lines_of(path: Path) -> Iterator[Line]:
    """Every line that is not blank. Of a line that is too long only the beginning is kept."""
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(LONGEST_LINE):
            number += 1
            if raw.strip():
                yield Line(number, raw)
            while len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
                raw = file.readline(LONGEST_LINE)
