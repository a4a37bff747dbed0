"""Names that numpy 2 no longer has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from backtests.engine.inside.script.notes import Notes

# Uses are said by `rewriting`, which sees them in the script.
NAMES: dict[str, Any] = {
    "NaN": np.nan,
    "NAN": np.nan,
    "Inf": np.inf,
    "Infinity": np.inf,
    "infty": np.inf,
    "PINF": np.inf,
    "NINF": -np.inf,
    "float": float,
    "int": int,
    "object": object,
    "str": str,
    "complex": complex,
    "float_": np.float64,
    "complex_": np.complex128,
    "unicode_": np.str_,
    "string_": np.bytes_,
    "product": np.prod,
    "cumproduct": np.cumprod,
    "alltrue": np.all,
    "sometrue": np.any,
    "round_": np.round,
    "in1d": np.isin,
    "row_stack": np.vstack,
    "trapz": np.trapezoid,
    "asfarray": lambda values, dtype=float: np.asarray(values, dtype=dtype),
    "mat": np.asmatrix,
}


def changes(notes: Notes) -> Iterator[tuple[Any, str, Any]]:
    for name, value in NAMES.items():
        if name not in vars(np):
            yield np, name, value
