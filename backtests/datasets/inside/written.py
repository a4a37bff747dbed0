"""Numbers as files write them: `1,234.5`, `1.234,5`, `$12`, `1.2K` and `0,5`."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

SUFFIXES = {"k": 1e3, "m": 1e6, "b": 1e9}
SIGNS = r"[$€£%\s]"
# By the sign that parts thousands: a number whose other sign parts its fraction, and one in which that cannot be told.
FRACTION = {",": r"-?(?:\d{1,3}(?:,\d{3})+|\d+)\.\d+", ".": r"-?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+"}
UNSURE = {",": r"-?[1-9]\d{0,2}\.\d{3}", ".": r"-?[1-9]\d{0,2},\d{3}"}
# Rows that are looked at: a file is written in one way.
SAMPLE = 5_000


def has_decimal_comma(columns: Iterable[pd.Series]) -> bool:
    """Whether commas part fractions in a file: some number shows it, and none shows that points do.

    `1,085` alone may be a thousand; beside `1,0851` it is none.
    """
    found = {",": False, ".": False}
    for cells in columns:
        if pd.api.types.is_numeric_dtype(cells):
            continue
        bare = _bare(cells.iloc[:: max(1, len(cells) // SAMPLE)])
        for sign in found:
            found[sign] |= bool((bare.str.fullmatch(FRACTION[sign]) & ~bare.str.fullmatch(UNSURE[sign])).any())
    return found["."] and not found[","]


def numbers_of(cells: pd.Series, *, decimal_comma: bool = False) -> np.ndarray:
    """A column's numbers; what is none is not a number."""
    if pd.api.types.is_numeric_dtype(cells):
        return cells.to_numpy(dtype=np.float64, na_value=np.nan)
    if decimal_comma:
        bare = _bare(cells).str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
        return _scaled(bare).to_numpy(dtype=np.float64)
    plain = pd.to_numeric(cells, errors="coerce")
    text = cells.astype(str).str.strip()
    if (plain.isna() & (text != "")).any():
        plain = plain.where(plain.notna(), _written(text))
    return plain.to_numpy(dtype=np.float64)


def _bare(cells: pd.Series) -> pd.Series:
    return cells.astype(str).str.replace(SIGNS, "", regex=True)


def _scaled(bare: pd.Series) -> pd.Series:
    suffix = bare.str[-1:].str.lower().map(SUFFIXES)
    return pd.to_numeric(bare.where(suffix.isna(), bare.str[:-1]), errors="coerce") * suffix.fillna(1)


def _written(text: pd.Series) -> pd.Series:
    """Cell by cell, where the file does not show how it writes."""
    bare = _bare(text)
    decimal_comma = bare.str.fullmatch(r"-?\d+,\d+[kmbKMB]?") & ~bare.str.fullmatch(r"-?\d{1,3}(,\d{3})+[kmbKMB]?")
    bare = bare.where(~decimal_comma, bare.str.replace(",", ".", regex=False)).str.replace(",", "", regex=False)
    return _scaled(bare)
