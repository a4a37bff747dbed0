"""The network and files: a strategy has neither in a run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from backtests.rbi.check.finding import Finding
from backtests.rbi.check.module import Module
from backtests.rbi.check.nodes import argument, constant, dotted, method
from backtests.rbi.check.packages import NETWORK, imports
from backtests.rbi.check.whole import READERS

WRITERS = frozenset(
    ["to_csv", "to_parquet", "to_excel", "to_feather", "to_json", "to_pickle", "to_sql", "to_hdf", "savefig"]
)
PATHS = frozenset(["write_text", "write_bytes", "unlink", "mkdir", "rmdir", "touch", "rename"])
SYSTEM = (
    "os.system", "os.popen", "os.remove", "os.unlink", "os.rmdir", "os.mkdir", "os.makedirs", "os.rename", "os.kill",
    "os.fork", "shutil.", "subprocess.", "multiprocessing.Process", "multiprocessing.Pool",
)  # fmt: skip


def network_use(module: Module) -> Iterator[Finding]:
    for node, name in imports(module.body):
        top = name.split(".")[0]
        if top in NETWORK or name in {"urllib.request", "http.client", "http.server", "pandas_datareader"}:
            text = f"{top} needs the network, which a run does not have."
            remedy = "Leave it out: the data set that you choose is supplied as self.data."
            yield Finding("network", "error", node.lineno, text, remedy)


def file_use(module: Module) -> Iterator[Finding]:
    for node in ast.walk(module.body):
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        if method(node) in READERS or name in READERS:
            text = "The file is not there in a run: the data set that you choose is supplied in its place."
            yield Finding("reads-file", "note", node.lineno, text, "Nothing has to be changed.")
        elif name.startswith(SYSTEM):
            text = f"{name} is not available in a run."
            yield Finding("system", "error", node.lineno, text, "Leave it out.")
        elif method(node) in WRITERS | PATHS or (name == "open" and _opens_file(node)):
            text = "Files are not kept: a run has no folder of its own."
            yield Finding("file", "warning", node.lineno, text, "Leave it out: the result page has every download.")


def _opens_file(node: ast.Call) -> bool:
    return constant(argument(node, 1, "mode")) not in {"r", None} or bool(node.args)
