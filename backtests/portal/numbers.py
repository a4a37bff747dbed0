"""Every number of a result with the formula that it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backtests.models import Result
from backtests.portal.words import plain

# backtesting.py 0.6.6, `_stats.compute_stats`. E is the equity, one value a bar.
FORMULAS: Mapping[str, str] = {
    "Start": "The first bar.",
    "End": "The last bar.",
    "Duration": "Last bar minus first bar.",
    "Exposure Time [%]": "Bars with a position, of all bars.",
    "Equity Final [$]": "E at the last bar.",
    "Equity Peak [$]": "The highest E.",
    "Commissions [$]": "Sum of the commissions of all trades.",
    "Return [%]": "(E last − E first) ÷ E first.",
    "Buy & Hold Return [%]": "(close last − close first) ÷ close first, from the first bar that the strategy sees.",
    "Return (Ann.) [%]": "(1 + geometric mean of daily returns) to the power of trading days a year, minus 1.",
    "Volatility (Ann.) [%]": "Standard deviation of daily returns, compounded over the trading days of a year.",
    "CAGR [%]": "(E last ÷ E first) to the power of 1 ÷ years, minus 1; a year has 365.25 days.",
    "Sharpe Ratio": "Annual return ÷ annual volatility; the risk-free rate is 0.",
    "Sortino Ratio": "Annual return ÷ (root of the mean square of losing days × root of trading days a year).",
    "Calmar Ratio": "Annual return ÷ maximum drawdown.",
    "Alpha [%]": "Return − beta × buy-and-hold return.",
    "Beta": "Covariance of log returns of E and close ÷ variance of those of close.",
    "Max. Drawdown [%]": "The largest fall of E below its highest value so far.",
    "Avg. Drawdown [%]": "Mean of the deepest points of all drawdowns.",
    "Max. Drawdown Duration": "The longest time below an earlier high.",
    "Avg. Drawdown Duration": "Mean time below an earlier high.",
    "# Trades": "Closed trades.",
    "Win Rate [%]": "Trades with a gain, of all trades.",
    "Best Trade [%]": "The highest return of a trade.",
    "Worst Trade [%]": "The lowest return of a trade.",
    "Avg. Trade [%]": "Geometric mean of the trades' returns.",
    "Max. Trade Duration": "The longest trade.",
    "Avg. Trade Duration": "Mean length of a trade.",
    "Profit Factor": "Sum of winning returns ÷ sum of losing returns.",
    "Expectancy [%]": "Arithmetic mean of the trades' returns.",
    "SQN": "Root of the number of trades × mean gain ÷ standard deviation of gains.",
    "Kelly Criterion": "Win rate − (1 − win rate) ÷ (mean gain ÷ mean loss).",
}
UNITS = {"[%]": "%", "[$]": "USD"}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a page shows it."""

    name: str
    value: str
    formula: str


def numbers_of(result: Result) -> list[Number]:
    """backtesting.py's own numbers in its order."""
    return [_number(name, result.stats[name], text) for name, text in FORMULAS.items() if name in result.stats]


def metrics_of(result: Result) -> list[Number]:
    """Ours, recomputed from the equity curve."""
    return list(_metrics(result.metrics))


def _number(name: str, value: Any, formula: str) -> Number:
    title, _, unit = name.partition(" [")
    shown = plain(value)
    suffix = UNITS.get(f"[{unit}", "") if unit and value is not None else ""
    return Number(title, f"{shown} {suffix}".strip(), formula)


def _metrics(metrics: Mapping[str, Any]) -> Iterator[Number]:
    for name, value in metrics.items():
        if not isinstance(value, dict | list):
            yield Number(name.replace("_", " ").capitalize(), plain(value), "")
