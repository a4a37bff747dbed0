"""Imports of packages that the runtime does not have."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from backtests.rbi.check.finding import Finding
from backtests.rbi.check.module import Module

# What a strategy may import beside the standard library. The tests hold this list against the runtime.
RUNTIME = ("backtesting", "bokeh", "dateutil", "numpy", "pandas", "pandas_ta", "pyarrow", "scipy", "talib")

INSTEAD = {
    "ta": "Use pandas_ta or talib, which have the same indicators.",
    "tulipy": "Use talib, which has the same indicators.",
    "finta": "Use pandas_ta, which has the same indicators.",
    "stockstats": "Use pandas_ta, which has the same indicators.",
    "backtrader": "Write the strategy for backtesting.py: a class with init and next.",
    "vectorbt": "Write the strategy for backtesting.py: a class with init and next.",
    "zipline": "Write the strategy for backtesting.py: a class with init and next.",
    "talib_binary": "Import talib.",
}
# The runtime replaces these by nothing: charts, colours and bars of progress change no result.
DECORATION = frozenset(
    [
        "matplotlib",
        "seaborn",
        "plotly",
        "mplfinance",
        "colorama",
        "termcolor",
        "IPython",
        "webbrowser",
        "winsound",
        "pyfiglet",
        "quantstats",
        "tabulate",
        "dash",
        "streamlit",
        "tqdm",
        "numba",
    ]
)
# These are told of as a use of the network, not as a missing package.
NETWORK = frozenset(
    [
        "aiohttp",
        "alpaca_trade_api",
        "binance",
        "bs4",
        "ccxt",
        "ftplib",
        "httpx",
        "nntplib",
        "openai",
        "pandas_datareader",
        "paramiko",
        "poplib",
        "requests",
        "selenium",
        "smtplib",
        "socket",
        "telegram",
        "telnetlib",
        "tweepy",
        "urllib3",
        "websocket",
        "websockets",
        "yfinance",
    ]
)


def missing_packages(module: Module) -> Iterator[Finding]:
    for node, name in imports(module.tree):
        top = name.split(".")[0]
        if top in RUNTIME or top in sys.stdlib_module_names or top in NETWORK:
            continue
        if top in DECORATION:
            text = f"{top} does nothing in a run: it changes no result."
            yield Finding("decoration", "note", node.lineno, text, "Nothing has to be changed.")
            continue
        remedy = INSTEAD.get(top, "Do it with numpy, pandas or scipy, or leave it out.")
        known = ", ".join(package for package in RUNTIME if package not in {"bokeh", "dateutil", "pyarrow"})
        text = f"The package {top} is not in the runtime, which has {known} and the standard library."
        yield Finding("missing_package", "error", node.lineno, text, remedy)


def imports(tree: ast.AST) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # A relative import names a file beside the strategy, which does not exist.
            yield node, node.module if node.module and not node.level else "." * node.level
