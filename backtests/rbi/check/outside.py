"""The network and files: a strategy has neither in a run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from backtests.rbi.check.finding import Finding
from backtests.rbi.check.module import Module
from backtests.rbi.check.nodes import argument, constant, dotted, method
from backtests.rbi.check.packages import NETWORK, imports
from backtests.rbi.check.whole import READERS

WRITERS = frozenset({"to_csv", "to_parquet", "to_excel", "to_feather", "to_json", "to_pickle", "to_sql", "to_hdf"})
PATHS = frozenset({"write_text", "write_bytes"})
FOLDERS = ("os.remove", "os.unlink", "os.rmdir", "os.mkdir", "os.makedirs", "os.rename", "shutil.")
SYSTEM = (
    "os.system",
    "os.popen",
    "os.kill",
    "os.fork",
    "subprocess.",
    "multiprocessing.Process",
    "multiprocessing.Pool",
)
# The runtime gives the run's data set in place of what these would download.
QUOTES = frozenset({"yfinance", "ccxt", "binance", "pandas_datareader"})
NOTHING = "Nothing has to be changed."


def network_use(module: Module) -> Iterator[Finding]:
    for node, name in imports(module.body):
        top = name.split(".")[0]
        if top in QUOTES:
            text = f"{top} downloads nothing in a run: the data set that you choose is supplied in its place."
            yield Finding("downloads", "note", node.lineno, text, NOTHING)
        elif top in NETWORK or name in {"urllib.request", "http.client", "http.server"}:
            text = f"{top} needs the network, which a run does not have."
            remedy = "Leave it out: the data set that you choose is supplied as self.data."
            yield Finding("network", "error", node.lineno, text, remedy)


def file_use(module: Module) -> Iterator[Finding]:
    for node in ast.walk(module.body):
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        if method(node) in READERS or name in READERS or (name == "open" and not _writes(node)):
            text = "The file is not there in a run: the data set that you choose is supplied in its place."
            yield Finding("reads_file", "note", node.lineno, text, NOTHING)
        elif name.startswith(SYSTEM):
            text = f"{name} is not available in a run."
            yield Finding("system", "error", node.lineno, text, "Leave it out.")
        elif method(node) in WRITERS | PATHS or name == "open" or name.startswith(FOLDERS):
            text = "Files are not kept: a run has no folder of its own."
            yield Finding("file", "warning", node.lineno, text, "Leave it out: the result page has every download.")


def _writes(node: ast.Call) -> bool:
    mode = constant(argument(node, 1, "mode"))
    return isinstance(mode, str) and bool(set(mode) & set("wax+"))
