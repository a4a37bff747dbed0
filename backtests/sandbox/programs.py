"""The programs that a job may name. Each is `main(payload, files, say) -> JSON` and never imports Django.

`files` leads from a name to a read-only path, `say` tells the caller of progress. A module that is not there yet, or
does not import, fails only the jobs that ask for it.
"""

from __future__ import annotations

from collections.abc import Mapping

PROGRAMS: Mapping[str, str] = {
    "backtest": "backtests.engine.inside.backtest:main",
    "script": "backtests.engine.inside.backtest:main",
    "table": "backtests.datasets.inside.table:main",
    "page": "backtests.rbi.inside.page:main",
    # Looks at its own prison and says what is not shut; a level is offered when nothing is open.
    "inspection": "backtests.sandbox.inside.inspection:main",
}
