"""What strategies and backtesting.py ask on every bar, without what need not be done there. The answers are the same.

Only for as long as a strategy is at work: elsewhere backtesting.py stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any

import numpy as np
from backtesting import lib
from backtesting._util import _Array, patch


@contextmanager
def swift() -> Iterator[None]:
    """Load and run strategies in here: they bind the names that they import."""
    with ExitStack() as stack:
        stack.enter_context(patch(lib, "crossover", of_arrays(lib.crossover)))
        stack.enter_context(patch(_Array, "__array_finalize__", _carry_over))
        yield


def of_arrays(crossover: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """backtesting.py's own, which asks first whether an array is a number or a Series; that takes most of its time."""

    @wraps(crossover)
    def crossed(series1: Any, series2: Any) -> Any:
        if not (isinstance(series1, np.ndarray) and isinstance(series2, np.ndarray)):
            return crossover(series1, series2)
        try:
            return series1[-2] < series2[-2] and series1[-1] > series2[-1]
        except IndexError:
            return False

    return crossed


def _carry_over(array: _Array, parent: Any) -> None:
    """Name and options of the array that this one is a part of, if it has some."""
    if parent is None:
        return
    try:
        array.name = parent.name
    except AttributeError:
        array.name = ""
    try:
        array._opts = parent._opts
    except AttributeError:
        array._opts = {}
