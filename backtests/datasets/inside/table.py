"""A program of the sandbox: read a customer's file of bars. What it answers is checked outside like any other answer.

Takes CSV in the ways that exchanges, brokers and spreadsheets write it, Parquet and Feather. A line that cannot be read
is set aside and named by its number.
"""

from __future__ import annotations

import base64
import csv
import zlib
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from backtests.datasets.inside import headers
from backtests.datasets.inside.headers import TableError
from backtests.datasets.inside.moments import NO_TIME, moments_of
from backtests.datasets.inside.written import has_decimal_comma, numbers_of

MOST_ROWS = 1_000_000
SHOWN = 20
SEPARATORS = ",;\t|"
# Beyond this share of unreadable lines the file is something else than bars.
TOO_MANY = 0.2


def main(payload: Mapping[str, Any], files: Mapping[str, Path], say: Callable[[Any], None]) -> dict[str, Any]:
    """`{"columns": {name: text}, "rows", "unreadable": {"count", "lines": [[line, text]]}}` or `{"refused": text}`."""
    try:
        return _read(files["file"], str(payload.get("suffix", "")))
    except TableError as error:
        return {"refused": str(error)}


def packed(values: np.ndarray) -> str:
    """An array as text: little-endian 64-bit numbers, deflated, in base 64."""
    return base64.b64encode(
        zlib.compress(values.astype("<i8" if values.dtype.kind == "i" else "<f8").tobytes(), 1)
    ).decode()


def _read(path: Path, suffix: str) -> dict[str, Any]:
    table, first_line = _binary(path, suffix) if suffix in {".parquet", ".feather"} else _text(path)
    if not len(table):
        raise TableError("The file has no rows.")
    if len(table) > MOST_ROWS:
        raise TableError(f"The file has more than {MOST_ROWS:,} rows: cut it, or use a longer timeframe.")
    return _answer(table, first_line)


def _binary(path: Path, suffix: str) -> tuple[pd.DataFrame, int]:
    try:
        read = pd.read_parquet if suffix == ".parquet" else pd.read_feather
        table = read(path)
    # The library raises its own kinds, OSError and others for what is no such file.
    except Exception as error:
        raise TableError(f"This is no {suffix[1:].title()} file that can be read.") from error
    if not isinstance(table.index, pd.RangeIndex):
        table = table.reset_index(names="time" if table.index.name is None else table.index.name)
    return _ours(table, [str(name) for name in table.columns]), 1


def _text(path: Path) -> tuple[pd.DataFrame, int]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        head = list(islice(file, 50))
    separator = _separator(head)
    rows = list(csv.reader(head, delimiter=separator, skipinitialspace=True))
    start = _start(rows)
    cells = rows[start] if start < len(rows) else []
    named = headers.has_header(cells)
    if not named and len(cells) < len(headers.BARE) - 1:
        raise TableError("The first row names no columns: name them time, open, high, low, close and volume.")
    begin = start + named + _more_names(rows[start + named :])
    table = pd.read_csv(
        path, sep=separator, header=None, skiprows=begin, dtype=str, skipinitialspace=True, index_col=False,
        names=range(max(len(row) for row in rows)), encoding="utf-8-sig", encoding_errors="replace",
        on_bad_lines="skip", skip_blank_lines=False, nrows=MOST_ROWS + 1, keep_default_na=False,
    )  # fmt: skip
    return _ours(table, cells if named else list(headers.BARE)), begin + 1


def _separator(head: list[str]) -> str:
    """The sign that stands in most of the first lines most often."""
    best = max(SEPARATORS, key=lambda sign: sorted(line.count(sign) for line in head)[len(head) // 2] if head else 0)
    return best if any(best in line for line in head) else ","


def _start(rows: list[list[str]]) -> int:
    """The row with the names, or the first with numbers; files begin with titles and blank lines."""
    named = next((place for place, cells in enumerate(rows) if headers.has_header(cells)), None)
    if named is not None:
        return named
    return next((place for place, cells in enumerate(rows) if len(cells) >= 5), 0)


def _more_names(rows: list[list[str]]) -> int:
    """Rows below the names that have no number either: tickers and units, as some libraries write them."""
    return next((place for place, cells in enumerate(rows) if any(map(str.isdigit, "".join(cells)))), 0)


def _ours(table: pd.DataFrame, cells: list[str]) -> pd.DataFrame:
    found = headers.places(cells)
    ours = table.iloc[:, list(found.values())]
    ours.columns = pd.Index(list(found))
    return ours


def _answer(table: pd.DataFrame, first_line: int) -> dict[str, Any]:
    blank = (table.astype(str) == "").all(axis=1).to_numpy()
    columns = {"time": moments_of(table["time"], table.get("clock"))}
    numbers = [table[name] for name in table.columns if name not in {"time", "clock"}]
    decimal_comma = has_decimal_comma(numbers)
    columns |= {str(cells.name): numbers_of(cells, decimal_comma=decimal_comma) for cells in numbers}
    readable = columns["time"] != NO_TIME
    for name in headers.NEEDED[1:]:
        readable &= ~_is_word(table[name], columns[name])
    _check_share(readable | blank)
    unreadable = np.flatnonzero(~readable & ~blank)
    kept = {name: values[readable] for name, values in columns.items()}
    lines = [[int(row) + first_line, ", ".join(table.iloc[row].astype(str))[:80]] for row in unreadable[:SHOWN]]
    return {
        "columns": {
            name: packed(values) for name, values in kept.items() if name == "time" or np.isfinite(values).any()
        },
        "rows": len(kept["time"]),
        "unreadable": {"count": len(unreadable), "lines": lines},
    }


def _check_share(readable: np.ndarray) -> None:
    if not readable.any() or np.count_nonzero(~readable) > TOO_MANY * len(readable):
        raise TableError("Most lines have no time or no prices that can be read: is this a file of bars?")


def _is_word(cells: pd.Series, values: np.ndarray) -> np.ndarray:
    """Text where a price should be; an empty cell is a bar without a price, which the gate names."""
    if pd.api.types.is_numeric_dtype(cells):
        return np.zeros(len(cells), dtype=bool)
    empty = cells.astype(str).str.strip().str.lower().isin(("", "nan", "null", "none", "na", "n/a", "-"))
    return np.asarray(~np.isfinite(values) & ~empty.to_numpy())
