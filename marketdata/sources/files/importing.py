"""A file on its way in: read line by line, good lines stored, bad ones counted, shown and set aside."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from django.conf import settings

from marketdata.catalogue import Feed
from marketdata.cells import BadCell
from marketdata.ingest import Intake, take_in
from marketdata.records import Record
from marketdata.sources.files.formats import Format
from marketdata.sources.files.guess import UnknownFile, format_of
from marketdata.sources.files.lines import Line, lines_of
from moondev.lib.clock import now

SHOWN = 20


@dataclass
class Rejected:
    """Lines that were not accepted: as they stand, in a file to mend and import; the first ones with their reasons."""

    path: Path
    count: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)
    _file: IO[bytes] | None = None

    def add(self, line: Line, reason: str) -> None:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("wb")
        self._file.write(line.raw.removesuffix(b"\n") + b"\n")
        self.count += 1
        if self.count <= SHOWN:
            self.first.append((line.number, reason))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


@dataclass(frozen=True)
class Import:
    """What became of a file: an intake per feed, and the lines that were refused."""

    intakes: dict[str, Intake]
    rejected: Rejected


def import_file(*, path: Path, source: str = "files", feed: str | None = None) -> Import:
    """Store the good lines of a file, in bounded memory. The same file again changes nothing.

    Raises `UnknownFile` if nothing tells what the file is or it has no line, and OSError if it cannot be read.
    """
    shape = _shape_of(path, feed)
    rejected = Rejected(settings.DATA_DIR / "rejected" / f"{path.name}.{now():%Y%m%dT%H%M%S%f}.rejected")
    first, *others = shape.feeds
    try:
        intakes = {first.name: take_in(feed=first, source=source, rows=_records(path, shape, first, rejected))}
        for other in others:
            intakes[other.name] = take_in(feed=other, source=source, rows=_records(path, shape, other, None))
    finally:
        rejected.close()
    return Import(intakes, rejected)


def _shape_of(path: Path, feed: str | None) -> Format:
    for line in itertools.islice(lines_of(path), 1):
        try:
            return format_of(path, line.cells(), feed)
        except BadCell:
            return format_of(path, [], feed)
    raise UnknownFile(f"{path.name}: there is no line in it.")


def _records(path: Path, shape: Format, feed: Feed, rejected: Rejected | None) -> Iterator[Record]:
    """The records of one feed in the file's order; what cannot be read goes to `rejected`."""
    header = list(shape.header)
    for place, line in enumerate(lines_of(path)):
        try:
            cells = line.cells()
            if place == 0 and [cell.strip() for cell in cells] == header:
                continue
            yield from (record for found, record in shape.read(cells) if found is feed)
        except BadCell as bad:
            if rejected is not None:
                rejected.add(line, str(bad))
