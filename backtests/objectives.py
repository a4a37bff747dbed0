"""What a search over parameters makes as large as it can."""

from __future__ import annotations

from dataclasses import dataclass

from backtests.models import Run

USUAL = "return"


@dataclass(frozen=True, slots=True)
class Objective:
    """`title` stands in sentences, `field` is its number in a Result and in the ledger's cells, `theirs` is
    backtesting.py's name for it."""

    title: str
    field: str
    theirs: str


# By the name that calls and rows have for it.
OBJECTIVES = {
    USUAL: Objective("return", "return_pct", "Return [%]"),
    "sharpe": Objective("Sharpe ratio", "sharpe", "Sharpe Ratio"),
    "sortino": Objective("Sortino ratio", "sortino", "Sortino Ratio"),
}


def objective_of(run: Run) -> Objective:
    """A run's own; runs that are older than the choice went by the return."""
    return OBJECTIVES[run.options.get("objective", USUAL)]
