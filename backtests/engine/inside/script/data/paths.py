"""Files: data files that a script names are the run's data set, and what a script writes goes nowhere."""

from __future__ import annotations

import builtins
import io
from collections.abc import Callable
from pathlib import PurePath
from typing import IO, Any

from backtests.engine.inside.script.data.supply import Supply

DATA = (
    ".csv",
    ".txt",
    ".tsv",
    ".parquet",
    ".pq",
    ".feather",
    ".pkl",
    ".pickle",
    ".xlsx",
    ".xls",
    ".h5",
    ".hdf5",
    ".gz",
)
_WRITTEN = "Files that the script writes are not kept."


class DataFile(io.StringIO):
    """An open data file of the script's; its text is the data set."""


def is_data(path: object) -> bool:
    """Whether a path names a file of data."""
    return isinstance(path, str | PurePath) and str(path).lower().endswith(DATA)


def is_path(source: object) -> bool:
    """Whether a reader is given a place rather than text that the script holds itself."""
    return isinstance(source, str | bytes | PurePath | DataFile)


def opener(supply: Supply) -> Callable[..., IO[Any]]:
    """`open` for a script."""

    def open_(file: Any, mode: str = "r", *rest: Any, **options: Any) -> IO[Any]:
        if any(letter in mode for letter in "wax+"):
            supply.notes.add(_WRITTEN)
            return io.BytesIO() if "b" in mode else io.StringIO()
        if not is_data(file):
            return builtins.open(file, mode, *rest, **options)
        supply.note("The run's data set was supplied for the file that the script reads.")
        return io.BytesIO(supply.text().encode()) if "b" in mode else DataFile(supply.text())

    return open_


def silencer(supply: Supply, real: Callable[..., Any]) -> Callable[..., Any]:
    """A `to_csv` and its kin: text where the script asks for text, nothing where it names a file."""

    def write(self: Any, path: Any = None, *rest: Any, **options: Any) -> Any:
        target = path if path is not None else options.get("path_or_buf", options.get("buf", options.get("path")))
        if isinstance(target, str | PurePath):
            supply.notes.add(_WRITTEN)
            return None
        return real(self, path, *rest, **options) if path is not None else real(self, *rest, **options)

    return write


def nothing(*_: object, **__: object) -> None:
    """What a script's own folders and saved charts come to."""
