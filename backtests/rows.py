"""A result as a row of the contract: the thirteen columns of `backtest_stats.csv` and of the API."""

from __future__ import annotations

from typing import Any

from backtests.models import Idea, Result, Strategy

COLUMNS = (
    *("Strategy Name", "Thread ID", "Return %", "Buy & Hold %", "Max Drawdown %", "Sharpe Ratio", "Sortino Ratio"),
    *("Exposure %", "EV %", "Trades", "File Path", "Data", "Time"),
)
OPTIMISED = "optimised"
# In UTC, without the year, as clients of the first generation parse it; the API has `created_at` beside it.
TIME = "%m/%d %H:%M"


def columns_of(result: Result) -> dict[str, Any]:
    """The columns of a result: numbers or None. Wants `strategy`, `idea`, `run` and `dataset` selected with it."""
    return dict(
        zip(
            COLUMNS,
            (
                strategy_name(result),
                thread_of(result.idea),
                result.return_pct,
                result.buy_hold_pct,
                result.max_drawdown_pct,
                result.sharpe,
                result.sortino,
                result.exposure_pct,
                result.expectancy_pct,
                result.trades,
                code_path(result),
                result.dataset.name,
                result.created_at.strftime(TIME),
            ),
            strict=True,
        )
    )


def strategy_name(result: Result) -> str:
    """The strategy's name, and whether its parameters are the improved ones."""
    return f"{result.strategy.name} ({OPTIMISED})" if result.is_optimised else result.strategy.name


def thread_of(idea: Idea) -> str:
    """The idea's place in its run, from T01: ideas are what ran side by side in former times."""
    return f"T{idea.position + 1:02d}"


def code_path(result: Result) -> str:
    """Where the strategy's code lies below the workspace's artefacts."""
    return f"{result.run.folder}/backtests_final/{code_name(result)}"


def code_name(result: Result) -> str:
    """The file of a result's code: improved parameters stand in a file of their own."""
    mark = f"_{OPTIMISED}" if result.is_optimised else ""
    return f"{file_name(result.idea, result.strategy)}{mark}.py"


def file_name(idea: Idea, strategy: Strategy) -> str:
    """Of a strategy's files: the idea's place, the name as far as paths have it, the version."""
    name = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in strategy.name)
    return f"{thread_of(idea)}_{name[:40].strip('_') or 'strategy'}_v{strategy.version}"
