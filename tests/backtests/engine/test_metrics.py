"""Our metrics, against numbers worked out by hand from the formulas in docs/backtest_metrics.md."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtests.datasets.inside import framed
from backtests.engine.metrics import metrics_of
from backtests.engine.settings import Settings
from backtests.engine.verifying import verify
from tests.backtests.engine.asking import FRAMES, ask, child
from tests.backtests.engine.strategies import CROSS
from tests.live import ROOT

DAYS = pd.date_range("2023-12-30", periods=6, freq="D")
EQUITY = np.array([100.0, 110.0, 99.0, 99.0, 121.0, 121.0])


@pytest.fixture(scope="module")
def found() -> dict[str, object]:
    frame = pd.DataFrame({"Close": [10.0, 10.0, 20.0, 15.0, 12.0, 30.0]}, index=DAYS)
    trades = pd.DataFrame(
        {
            "Size": [1.0, -2.0, 1.0],
            "EntryBar": [0, 2, 4],
            "ExitBar": [1, 2, 4],
            "EntryPrice": [10.0, 20.0, 12.0],
            "ExitPrice": [20.0, 25.0, 12.0],
            "PnL": [12.0, -8.0, -1.0],
            "ReturnPct": [0.2, -0.1, -0.01],
            "Commission": [1.0, 0.5, 0.5],
        }
    )
    return metrics_of(trades, EQUITY, frame, cash=100.0, warmup=1)


def test_it_measures_growth(found: dict[str, float]) -> None:
    returns = np.array([0.1, -0.1, 0.0, 22 / 99, 0.0])
    yearly = 365.25
    assert found["return_pct"] == pytest.approx(21)
    assert found["cagr_pct"] == pytest.approx(100 * (1.21 ** (365.25 / 5) - 1))
    assert found["volatility_pct"] == pytest.approx(100 * returns.std(ddof=1) * np.sqrt(yearly))
    assert found["sharpe"] == pytest.approx(returns.mean() / returns.std(ddof=1) * np.sqrt(yearly))
    assert found["sortino"] == pytest.approx(returns.mean() / np.sqrt(0.01 / 5) * np.sqrt(yearly))
    assert found["kurtosis"] == pytest.approx(
        pd.Series(returns).pipe(lambda r: ((r - r.mean()) ** 4).mean() / r.var(ddof=0) ** 2)
    )


def test_it_measures_drawdowns(found: dict[str, float]) -> None:
    assert found["max_drawdown_pct"] == pytest.approx(-10)
    # From the peak on the second day to the new one on the fifth.
    assert found["max_drawdown_sec"] == 3 * 86_400
    assert found["under_water_pct"] == pytest.approx(100 * 2 / 6)
    assert found["ulcer_index"] == pytest.approx(np.sqrt(200 / 6))
    assert found["calmar"] == pytest.approx(found["cagr_pct"] / 10)
    assert found["martin"] == pytest.approx(found["cagr_pct"] / found["ulcer_index"])


def test_it_measures_trades(found: dict[str, float]) -> None:
    assert found["trades"] == 3
    assert found["win_rate_pct"] == pytest.approx(100 / 3)
    assert found["profit_factor"] == pytest.approx(12 / 9)
    assert found["payoff_ratio"] == pytest.approx(12 / 4.5)
    assert found["expectancy_pct"] == pytest.approx(3)
    assert found["expectancy"] == pytest.approx(1)
    assert found["longest_losing_streak"] == 2
    assert (found["fees"], found["fees_pct"]) == (2.0, 2.0)
    assert found["turnover"] == pytest.approx((30 + 90 + 24) / 100)
    assert found["exposure_pct"] == pytest.approx(100 * 4 / 6)


def test_it_measures_holding_from_the_first_bar_traded(found: dict[str, float]) -> None:
    assert found["buy_hold_return_pct"] == pytest.approx(200)
    assert found["buy_hold_max_drawdown_pct"] == pytest.approx(-40)


def test_it_gives_the_return_of_each_calendar_month(found: dict[str, list[dict[str, float]]]) -> None:
    first, second = found["monthly_returns"]
    assert (first["year"], first["month"], second["year"], second["month"]) == (2023, 12, 2024, 1)
    assert first["return_pct"] == pytest.approx(10)
    assert second["return_pct"] == pytest.approx(10)


def test_it_has_no_number_where_a_formula_has_none() -> None:
    frame = FRAMES["GOOG"].iloc[:50]
    none = pd.DataFrame(
        {
            name: pd.Series(dtype=float)
            for name in ("Size", "EntryBar", "ExitBar", "EntryPrice", "ExitPrice", "PnL", "ReturnPct", "Commission")
        }
    )
    metrics = metrics_of(none, np.full(50, 10_000.0), frame, cash=10_000, warmup=0)
    assert metrics["trades"] == 0
    assert [metrics[name] for name in ("sharpe", "sortino", "calmar", "profit_factor", "win_rate_pct", "skewness")] == [
        None
    ] * 6


def test_it_agrees_with_backtesting_py_where_the_formulas_are_the_same(tmp_path: Path) -> None:
    request = ask(tmp_path, CROSS)
    frame = framed.read(request.data)
    verified = verify(child(request), frame, Settings())
    ours = metrics_of(verified.trades, verified.equity, frame, cash=10_000, warmup=verified.ledger.warmup)
    pairs = {
        "return_pct": "Return [%]",
        "max_drawdown_pct": "Max. Drawdown [%]",
        "win_rate_pct": "Win Rate [%]",
        "expectancy_pct": "Expectancy [%]",
        "exposure_pct": "Exposure Time [%]",
        "buy_hold_return_pct": "Buy & Hold Return [%]",
        "fees": "Commissions [$]",
        "cagr_pct": "CAGR [%]",
    }
    assert {mine: ours[mine] for mine in pairs} == pytest.approx(
        {mine: verified.stats[name] for mine, name in pairs.items()}
    )


def test_it_states_the_formula_of_every_metric(found: dict[str, object]) -> None:
    page = (ROOT / "docs" / "backtest_metrics.md").read_text()
    assert set(found) <= set(re.findall(r"`(\w+)`", page))
