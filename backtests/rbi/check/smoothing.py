"""Windows and filters that look to both sides of a bar."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from backtests.rbi.check.finding import Finding
from backtests.rbi.check.module import Module
from backtests.rbi.check.nodes import constant, dotted, keyword, method

TWO_SIDED = {
    "argrelextrema": "finds turning points by the bars after them",
    "argrelmax": "finds turning points by the bars after them",
    "argrelmin": "finds turning points by the bars after them",
    "find_peaks": "finds peaks by the bars after them",
    "find_peaks_cwt": "finds peaks by the bars after them",
    "savgol_filter": "smooths with bars on both sides",
    "filtfilt": "runs over the data forwards and backwards",
    "sosfiltfilt": "runs over the data forwards and backwards",
    "gaussian_filter1d": "smooths with bars on both sides",
    "gaussian_filter": "smooths with bars on both sides",
    "uniform_filter1d": "smooths with bars on both sides",
    "medfilt": "smooths with bars on both sides",
    "wiener": "smooths with bars on both sides",
    "hilbert": "is computed from the whole series",
    "detrend": "fits a line through the whole series",
    "hpfilter": "is computed from the whole series",
    "seasonal_decompose": "is computed from the whole series",
    "lowess": "smooths with bars on both sides",
    "fft": "is computed from the whole series",
    "rfft": "is computed from the whole series",
    "ifft": "is computed from the whole series",
    "irfft": "is computed from the whole series",
    "UnivariateSpline": "is fitted to the whole series",
    "CubicSpline": "draws towards the points that come after",
}
TURNS = frozenset({"argrelextrema", "argrelmax", "argrelmin", "find_peaks", "find_peaks_cwt"})
# Of its variants only one keeps to the past, and only with the tail cut off.
CONVOLVE = frozenset({"np.convolve", "numpy.convolve"})
CAUSAL = "Use a rolling window that ends at the bar, or do it in next on the bars so far."


def centred_windows(module: Module) -> Iterator[Finding]:
    for scope in module.all_bars():
        for node in scope.walk():
            if isinstance(node, ast.Call) and _is_centred(node):
                text = "The window is centred, so half of it lies in the future."
                yield Finding("centred_window", "warning", node.lineno, text, "Leave center=True out.")


def _is_centred(node: ast.Call) -> bool:
    if constant(keyword(node, "center")) is True or constant(keyword(node, "centered")) is True:
        return True
    return dotted(node.func) in CONVOLVE and constant(keyword(node, "mode") or _third(node)) == "same"


def _third(node: ast.Call) -> ast.expr | None:
    return node.args[2] if len(node.args) > 2 else None


def two_sided_filters(module: Module) -> Iterator[Finding]:
    for scope in module.all_bars():
        nodes = list(scope.walk())
        late = {inner for node in nodes if isinstance(node, ast.Assign) and _adds(node) for inner in ast.walk(node)}
        for node in nodes:
            name = (method(node) or dotted(node.func)) if isinstance(node, ast.Call) else ""
            if name not in TWO_SIDED or not isinstance(node, ast.Call) or (name in TURNS and node in late):
                continue
            text = f"{name} {TWO_SIDED[name]}."
            yield Finding("two_sided_filter", "warning", node.lineno, text, CAUSAL)


def _adds(node: ast.Assign) -> bool:
    """`argrelextrema(...)[0] + order`: the turning points are dated when they are known."""
    return any(isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Add) for inner in ast.walk(node.value))
