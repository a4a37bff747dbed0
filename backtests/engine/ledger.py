"""The fills that a child reported, read as untrusted input: the right shape, or `Forged`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

# More than that, and neither the check nor a page can show them.
MOST_FILLS = 200_000
OPENS = -1
LONGEST_TAG = 60


class Forged(Exception):
    """The data and the account's rules cannot give such a result. The text says why, for the customer."""


class TooMany(Exception):
    """There are more fills than a result may have."""


@dataclass(frozen=True)
class Ledger:
    """The fills of a backtest in their order, one array each. Sizes count the unit of the run.

    `of` is the place of the fill that this one closes, or OPENS. `bar`: when the broker was at work; `at`: the bar
    whose price was taken. `first`: the bar at which the strategy was asked first. `warmup`: bars at the beginning for
    which an indicator has no value at the end, which statistics leave out. A strategy that gives its indicators values
    as it goes was asked earlier.
    """

    of: np.ndarray
    bar: np.ndarray
    at: np.ndarray
    size: np.ndarray
    price: np.ndarray
    first: int
    warmup: int

    @property
    def opens(self) -> np.ndarray:
        """Where trades begin."""
        return np.flatnonzero(self.of == OPENS)

    @property
    def closes(self) -> np.ndarray:
        """Where trades, or parts of them, end."""
        return np.flatnonzero(self.of != OPENS)


def read_ledger(document: Any, *, bars: int) -> Ledger:
    """The ledger in a child's answer. Raises Forged or TooMany."""
    if not isinstance(document, Mapping) or not isinstance(document.get("fills"), Mapping):
        raise Forged("The run gave no list of fills.")
    fills = document["fills"]
    columns = {name: fills.get(name) for name in ("of", "bar", "at", "size", "price")}
    if document.get("bars") != bars:
        raise Forged("The run was not made on these bars.")
    count = _length(columns)
    if count > MOST_FILLS:
        raise TooMany
    whole = {name: _numbers(name, columns[name], is_whole=True) for name in ("of", "bar", "at")}
    return Ledger(
        **whole,
        size=_numbers("size", columns["size"], is_whole=True).astype(np.float64),
        price=_numbers("price", columns["price"], is_whole=False),
        first=_bar(document, "first", range(1, bars + 1)),
        warmup=_bar(document, "warmup", range(bars)),
    )


def _length(columns: Mapping[str, Any]) -> int:
    if not all(isinstance(column, list) for column in columns.values()):
        raise Forged("The list of fills lacks a column.")
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1:
        raise Forged("The columns of the list of fills differ in length.")
    return lengths.pop()


def _numbers(name: str, values: list[Any], *, is_whole: bool) -> np.ndarray:
    """A column as an array: finite numbers, and whole ones below 2**53 where they have to be."""
    if not all(type(value) in (int, float) for value in values):
        raise Forged(f"A fill's {name} is no number.")
    try:
        array = np.array(values, dtype=np.float64)
    except OverflowError as error:
        raise Forged(f"A fill's {name} is no finite number.") from error
    if not np.isfinite(array).all():
        raise Forged(f"A fill's {name} is no finite number.")
    if not is_whole:
        return array
    if (array != np.round(array)).any() or (np.abs(array) >= 2.0**53).any():
        raise Forged(f"A fill's {name} is no whole number.")
    return array.astype(np.int64)


def _bar(document: Mapping[str, Any], name: str, allowed: range) -> int:
    bar = document.get(name)
    if type(bar) is not int or bar not in allowed:
        raise Forged("The run names no first bar.")
    return bar
