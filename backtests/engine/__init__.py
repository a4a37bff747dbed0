"""Runs one strategy on one data set in the sandbox, believes none of it, and says what came of it.

`run`, `grid` and `lookahead` take a Sandbox and a Request. They know no model: who calls them stores what they give.
"""

from backtests.engine.grid import grid
from backtests.engine.lookahead import lookahead
from backtests.engine.outcomes import Cell, Failed, Lookahead, Note, Ran
from backtests.engine.request import Request
from backtests.engine.running import run
from backtests.engine.settings import Settings, read_settings
from backtests.engine.version import ENGINE_VERSION

__all__ = [
    "ENGINE_VERSION",
    "Cell",
    "Failed",
    "Lookahead",
    "Note",
    "Ran",
    "Request",
    "Settings",
    "grid",
    "lookahead",
    "read_settings",
    "run",
]
