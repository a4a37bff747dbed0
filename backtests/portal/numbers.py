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
# backtests.engine's own, as docs/backtest_metrics.md has them. r is the return of E from bar to bar, N the number of
# returns a year, s the sample standard deviation of r, T the years.
METRICS: Mapping[str, tuple[str, str]] = {
    "return_pct": ("Return, %", "100 (E last ÷ E first − 1)."),
    "cagr_pct": ("Growth a year, %", "100 ((E last ÷ E first) to the power of 1 ÷ T, minus 1)."),
    "volatility_pct": ("Volatility a year, %", "100 s √N."),
    "sharpe": ("Sharpe, by bars", "mean(r) ÷ s × √N."),
    "sortino": ("Sortino, by bars", "mean(r) ÷ √mean(min(r, 0)²) × √N."),
    "skewness": ("Skewness", "Third central moment of r ÷ variance to the power of 1.5."),
    "kurtosis": ("Kurtosis", "Fourth central moment of r ÷ variance²; a normal distribution has 3."),
    "max_drawdown_pct": ("Maximum drawdown, %", "The lowest of 100 (E ÷ highest E so far − 1)."),
    "max_drawdown_sec": ("Longest drawdown", "From a peak until it was reached again, or the last bar."),
    "under_water_pct": ("Under water, %", "Bars whose E is below an earlier one, of all bars."),
    "ulcer_index": ("Ulcer index", "√mean(D²), D the drawdown of each bar in percent (Martin and McCann, 1989)."),
    "calmar": ("Calmar", "Growth a year ÷ maximum drawdown."),
    "martin": ("Martin ratio", "Growth a year ÷ ulcer index."),
    "trades": ("Closed trades", "Trades that were opened and closed."),
    "win_rate_pct": ("Trades with a profit, %", "After costs."),
    "profit_factor": ("Profit factor, by money", "Sum of profits ÷ sum of losses."),
    "payoff_ratio": ("Payoff ratio", "Mean profit ÷ mean loss."),
    "expectancy_pct": ("Expectancy, %", "Mean return of a trade after costs, on the money put into it."),
    "expectancy": ("Expectancy, USD", "Mean profit of a trade."),
    "longest_losing_streak": ("Longest losing streak", "Trades with a loss in a row, in the order of closing."),
    "fees": ("Commissions, USD", "Of closed trades; the spread is in the prices."),
    "fees_pct": ("Commissions, % of the cash", "Commissions ÷ cash at the start."),
    "turnover": ("Turnover", "Value bought and sold by closed trades ÷ cash at the start."),
    "exposure_pct": ("Exposure, %", "Bars on which a closed trade was held, of all bars."),
    "buy_hold_return_pct": ("Buy and hold, %", "100 (close last ÷ close of the first bar after the warm-up − 1)."),
    "buy_hold_max_drawdown_pct": ("Drawdown of buy and hold, %", "The maximum drawdown of those closes."),
    "best_month_pct": ("Best month, %", "The highest of the monthly returns."),
    "worst_month_pct": ("Worst month, %", "The lowest of the monthly returns."),
    "positive_months_pct": ("Months with a gain, %", "Of all months."),
}
DAY_SEC = 86_400
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
    shown = _moment(value) if isinstance(value, str) else plain(value)
    suffix = UNITS.get(f"[{unit}", "") if unit and value is not None else ""
    return Number(title, f"{shown} {suffix}".strip(), formula)


def _moment(text: str) -> str:
    """A moment or a length of time as people write it: `2023-01-01 00:00`, `09:22:00`."""
    return text.replace("T", " ").removesuffix(":00").removeprefix("0 days ")


def _metrics(metrics: Mapping[str, Any]) -> Iterator[Number]:
    """Those that the table above knows, in its order, then whatever else is a single value."""
    for name, value in sorted(metrics.items(), key=lambda item: _place(item[0])):
        if isinstance(value, dict | list):
            continue
        title, formula = METRICS.get(name, (name.replace("_", " ").capitalize(), ""))
        is_span = name.endswith("_sec") and value is not None
        yield Number(title, f"{value / DAY_SEC:,.1f} days" if is_span else plain(value), formula)


def _place(name: str) -> int:
    return list(METRICS).index(name) if name in METRICS else len(METRICS)
