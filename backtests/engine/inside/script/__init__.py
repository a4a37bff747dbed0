"""Customers' scripts as people have them, run on the data set of the run whatever file they name.

The child's program opens `adapted()` around all that it does with a script, calls `load` once, and may run
`Loaded.strategy` on `Loaded.frame` again (for grids) while it is open.
"""

from backtests.engine.inside.script.failures import ScriptFailed
from backtests.engine.inside.script.loading import Loaded, load
from backtests.engine.inside.script.notes import Notes
from backtests.engine.inside.script.patching import adapted
from backtests.engine.inside.script.session import Run

__all__ = ["Loaded", "Notes", "Run", "ScriptFailed", "adapted", "load"]
