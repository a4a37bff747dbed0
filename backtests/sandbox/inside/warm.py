"""What is loaded before the first fork, so that a child starts in milliseconds and late imports find everything."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import time
import warnings
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

Main = Callable[..., Any]
# One thread: a process with several cannot be forked safely, and threads of a library are not the child's to have.
ONE_THREAD = (
    "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS",
)  # fmt: skip
ENVIRONMENT = {
    **dict.fromkeys(ONE_THREAD, "1"),
    # pyarrow's allocator would start a thread of its own.
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "HOME": "/tmp",  # noqa: S108
    "TMPDIR": "/tmp",  # noqa: S108
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "MPLBACKEND": "Agg",
}
SCIENCE = (
    "numpy", "numpy.ctypeslib", "numpy.fft", "numpy.linalg", "numpy.ma", "numpy.polynomial", "numpy.random", "pandas",
    "pandas.plotting", "pyarrow", "pyarrow.feather", "pyarrow.parquet", "pyarrow.csv", "scipy", "scipy.cluster",
    "scipy.interpolate", "scipy.linalg", "scipy.ndimage", "scipy.optimize", "scipy.signal", "scipy.sparse",
    "scipy.spatial", "scipy.special", "scipy.stats", "talib", "talib.abstract", "backtesting", "backtesting.lib",
    "backtesting.test", "pandas_ta",
)  # fmt: skip
# Strategies import these; where nothing can be opened any more, only what is loaded can be imported.
STANDARD = (
    "abc", "argparse", "array", "ast", "asyncio", "base64", "bisect", "calendar", "cmath", "collections", "colorsys",
    "concurrent.futures", "contextlib", "copy", "csv", "dataclasses", "datetime", "decimal", "difflib",
    "encodings.ascii", "encodings.cp1252", "encodings.cp437", "encodings.idna", "encodings.latin_1", "encodings.utf_16",
    "encodings.utf_8_sig", "enum", "fractions", "functools", "getpass", "glob", "gzip", "hashlib", "heapq", "html",
    "inspect", "io", "itertools", "json", "linecache", "locale", "logging", "math", "multiprocessing.dummy",
    "multiprocessing.pool", "numbers", "operator", "os.path", "pathlib", "pickle", "pprint", "queue", "random", "re",
    "secrets", "shutil", "signal", "statistics", "string", "struct", "tempfile", "textwrap", "threading", "time",
    "timeit", "tokenize", "traceback", "types", "typing", "unicodedata", "urllib.error", "urllib.request", "uuid",
    "warnings", "weakref", "zipfile", "zoneinfo",
)  # fmt: skip
# Those of the large exchanges.
TIME_ZONES = (
    "UTC", "America/New_York", "America/Chicago", "Europe/London", "Europe/Berlin", "Asia/Tokyo", "Asia/Hong_Kong",
    "Australia/Sydney",
)  # fmt: skip


class NotImported(Exception):
    """A program's module is not there or does not import. The text says which and why."""


def prepare_environment() -> None:
    """What libraries read from the environment, before the first of them is loaded."""
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    time.tzset()


def load_science() -> None:
    """Import whatever of the runtime is installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in (*STANDARD, *SCIENCE):
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    with contextlib.suppress(ImportError):
        _look_up_time_zones(importlib.import_module("pandas"))


def _look_up_time_zones(pandas: ModuleType) -> None:
    """Let pandas, which has a way of its own to read them, remember the usual ones."""
    for name in TIME_ZONES:
        with contextlib.suppress(KeyError):
            pandas.Timestamp("2024-01-01", tz=name).tz_convert("UTC")


def load_programs(programs: Mapping[str, str]) -> dict[str, Main | NotImported]:
    """Every program's function, or why there is none."""
    return {name: _load(name, entry) for name, entry in programs.items()}


def freeze() -> None:
    """Spare the children's collector, and so the pages shared with them, what is loaded by now."""
    gc.collect()
    gc.freeze()


def _load(name: str, entry: str) -> Main | NotImported:
    module, _, function = entry.partition(":")
    try:
        main: Main = getattr(importlib.import_module(module), function)
    except Exception as error:
        return NotImported(f"The program {name} ({entry}) does not import: {type(error).__name__}: {error}")
    return main
