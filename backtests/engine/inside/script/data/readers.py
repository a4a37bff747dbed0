"""Every door through which a script reads data, each led to the run's data set."""

from __future__ import annotations

import glob
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from backtests.engine.inside.script.data.paths import is_data, is_path, nothing, opener, silencer
from backtests.engine.inside.script.data.supply import Supply
from backtests.engine.inside.script.words import words

Change = tuple[Any, str, Any]
_TYPED = words(
    "read_parquet read_feather read_pickle read_excel read_hdf read_json read_sql read_sql_query read_orc",
)
_WRITERS = words(
    "to_csv to_excel to_parquet to_pickle to_json to_html to_feather to_hdf to_markdown",
)


def changes(supply: Supply) -> Iterator[Change]:
    """What to replace, as (object, attribute, replacement)."""
    yield from _of_pandas(supply)
    yield from _of_numpy(supply)
    yield from _of_folders()
    yield io, "open", opener(supply)
    yield Path, "open", lambda self, *rest, **options: opener(supply)(self, *rest, **options)
    yield Path, "read_text", lambda self, *rest, **options: opener(supply)(self).read()
    yield Path, "write_text", nothing
    yield Path, "write_bytes", nothing


def _of_pandas(supply: Supply) -> Iterator[Change]:
    for name in ("read_csv", "read_table"):
        yield pd, name, _led(getattr(pd, name), supply.read_csv)
    for name in _TYPED:
        yield pd, name, _led(getattr(pd, name), supply.read_table)
    for kind in (pd.DataFrame, pd.Series):
        for name in _WRITERS:
            if hasattr(kind, name):
                yield kind, name, silencer(supply, getattr(kind, name))


def _led(real: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
    """Ours for a path, pandas' own for text that the script itself holds (a StringIO)."""

    def read(source: Any = None, *rest: Any, **options: Any) -> Any:
        place = source if source is not None else options.get("filepath_or_buffer", options.get("path"))
        return ours(place, *rest, **options) if is_path(place) else real(source, *rest, **options)

    return read


def _of_numpy(supply: Supply) -> Iterator[Change]:
    for name in ("genfromtxt", "loadtxt"):
        real = getattr(np, name)

        def read(source: Any, *rest: Any, _real: Any = real, **options: Any) -> Any:
            return _real(opener(supply)("data.csv") if is_path(source) else source, *rest, **options)

        yield np, name, read
    yield np, "save", nothing
    yield np, "savetxt", nothing


def _of_folders() -> Iterator[Change]:
    for place, names in ((os.path, ("exists", "isfile", "isdir")), (Path, ("exists", "is_file", "is_dir"))):
        for name in names:
            yield place, name, _exists(getattr(place, name), is_folder=name.endswith("dir"))
    yield os, "makedirs", nothing
    yield os, "mkdir", nothing
    yield Path, "mkdir", nothing
    yield os, "listdir", lambda path=".": ["data.csv"]
    yield glob, "glob", lambda pattern, *_, **__: [str(pattern).replace("**/", "").replace("*", "data")]
    yield Path, "glob", lambda self, pattern: iter([self / pattern.replace("**/", "").replace("*", "data")])


def _exists(real: Callable[..., Any], *, is_folder: bool) -> Callable[..., Any]:
    def exists(path: Any, *rest: Any, **options: Any) -> bool:
        return (is_folder or is_data(path)) or bool(real(path, *rest, **options))

    return exists
