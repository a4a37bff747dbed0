"""The failures of scripts by their kind, in one sentence that says what to change."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from functools import partial

import pandas as pd

from backtests.engine.inside.script.attempts import FILE
from backtests.engine.inside.script.data.layout import COLUMNS
from backtests.engine.inside.script.data.wishes import Wishes, meaning
from backtests.engine.inside.script.failures import ScriptFailed, UnknownIndicator
from backtests.engine.inside.script.frameworks import OTHERS
from backtests.engine.inside.script.patches import library, pandas_indicators, ta_lib

_NETWORK = ("ConnectionError", "gaierror", "URLError", "ConnectTimeout", "ProxyError", "MaxRetryError", "SSLError")
_LIBRARIES: dict[str, Callable[[str], str]] = {
    "talib": ta_lib.unknown,
    "pandas_ta": pandas_indicators.unknown,
    "backtesting": partial(library.unknown, "backtesting"),
    "backtesting.lib": partial(library.unknown, "backtesting.lib"),
}
_RUNTIME = "numpy, pandas, scipy, talib, pandas_ta and backtesting"


def named(error: Exception, wishes: Wishes, frame: pd.DataFrame) -> Exception:
    """The failure as ScriptFailed with a kind of its own, or the exception itself where it says enough."""
    for name in _NAMERS:
        found = name(error, wishes, frame)
        if found is not None:
            found.line = found.line or line_of(error)
            return found
    return error


def line_of(error: BaseException) -> int | None:
    """The last line of the script on the way to the error, causes included."""
    deepest: BaseException | None = error
    line = None
    while deepest is not None:
        lines = [entry.lineno for entry in traceback.extract_tb(deepest.__traceback__) if entry.filename == FILE]
        line = lines[-1] if lines else line
        deepest = deepest.__cause__
    return line


def _failed(error: Exception, wishes: Wishes, frame: pd.DataFrame) -> ScriptFailed | None:
    return error if isinstance(error, ScriptFailed) else None


def _indicator(error: BaseException | None, wishes: Wishes, frame: pd.DataFrame) -> ScriptFailed | None:
    while error is not None:
        if isinstance(error, UnknownIndicator):
            return ScriptFailed("unknown_indicator", error.message, line_of(error))
        error = error.__cause__
    return None


def _imported(error: BaseException, wishes: Wishes, frame: pd.DataFrame) -> ScriptFailed | None:
    """`from talib import X`: Python turns our own error into its usual one."""
    found = (
        re.match(r"cannot import name '(\w+)' from '([\w.]+)'", str(error)) if isinstance(error, ImportError) else None
    )
    teller = _LIBRARIES.get(found.group(2)) if found else None
    return ScriptFailed("unknown_indicator", teller(found.group(1)), line_of(error)) if found and teller else None


def _package(error: Exception, wishes: Wishes, frame: pd.DataFrame) -> ScriptFailed | None:
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    package = error.name.partition(".")[0]
    if package in OTHERS:
        return ScriptFailed(
            "not_backtesting",
            f"This is a script for {OTHERS[package]}. Only strategies of backtesting.py run here; describe the idea in"
            " words, or rewrite it with backtesting.Strategy.",
        )
    return _not_there(error.name)


def _not_there(package: str) -> ScriptFailed:
    return ScriptFailed(
        "import",
        f"The script imports {package}, which is not there: a package that runs do not have, or a file of your own."
        f" There are {_RUNTIME}.",
    )


def _column(error: Exception, wishes: Wishes, frame: pd.DataFrame) -> ScriptFailed | None:
    """A name that the script looks up and neither the data set nor the script has."""
    deepest: BaseException = error
    while deepest.__cause__ is not None and not isinstance(deepest, KeyError):
        deepest = deepest.__cause__
    if isinstance(deepest, KeyError) and deepest.args:
        name = str(deepest.args[0])
        quoted = re.findall(r"'([^']+)'", name)
        return _missing((quoted[0] if quoted else name).strip(), wishes, frame)
    found = re.search(r"Column '([^']+)' not in data", str(deepest))
    return _missing(found.group(1), wishes, frame) if found else None


def _missing(name: str, wishes: Wishes, frame: pd.DataFrame) -> ScriptFailed | None:
    said = {text.lower() for text in wishes.mentioned} | {word.lower() for word in wishes.times}
    if name.lower() not in said and meaning(name) not in COLUMNS and not name.isidentifier():
        return None
    return ScriptFailed(
        "missing_column",
        f"The script needs a column {name}, which the data set does not have. It has {', '.join(frame.columns)}.",
    )


def _file(error: Exception, wishes: Wishes, frame: pd.DataFrame) -> ScriptFailed | None:
    if not isinstance(error, FileNotFoundError | PermissionError):
        return None
    path = str(error.filename or "")
    if path.endswith((".py", ".so")):
        # Where nothing can be opened, a package is found and cannot be read.
        return _not_there(path.partition("site-packages/")[2].partition("/")[0] or "a package")
    name = path.rpartition("/")[2] or "a file"
    return ScriptFailed("missing_file", f"The script reads {name}, and a run has nothing but its data set.")


def _network(error: BaseException | None, wishes: Wishes, frame: pd.DataFrame) -> ScriptFailed | None:
    first = error
    while error is not None:
        if type(error).__name__ in _NETWORK:
            return ScriptFailed(
                "network",
                "The script calls the internet, which a run cannot. Let it read a file: the data set stands in.",
                line_of(first) if first else None,
            )
        error = error.__cause__ or error.__context__
    return None


_NAMERS: tuple[Callable[[Exception, Wishes, pd.DataFrame], ScriptFailed | None], ...] = (
    _failed,
    _indicator,
    _imported,
    _package,
    _network,
    _column,
    _file,
)
