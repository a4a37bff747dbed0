"""Generated modules in the engine: the numbers are those that a customer gets at home."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backtests.engine.outcomes import Ran
from backtests.engine.running import run
from backtests.engine.settings import Settings
from backtests.rbi.generator import generate
from backtests.rbi.grammar import read
from backtests.sandbox import Sandbox
from tests.backtests.engine.asking import ask
from tests.backtests.rbi import bars

# As dear as a coin of which 10,000 USD buy less than one.
DEAR = bars.made(800).assign(**{name: bars.made(800)[name] * 300 for name in ("Open", "High", "Low", "Close")})
RULES = "buy when the 9 EMA crosses above the 21 EMA, sell when it crosses below, stop 5%, "


def ran_of(sandbox: Sandbox, folder: Path, text: str, **settings: Any) -> Ran:
    specification = read(text).specification
    assert specification is not None
    found = run(sandbox, ask(folder, generate(specification), data=DEAR, settings=Settings(**settings)))
    assert isinstance(found, Ran), found
    return found


@pytest.mark.parametrize(("size", "worth"), [("$5,000 per trade", 5_000), ("20% of equity", 2_000)])
def test_it_sizes_positions_in_the_customers_money(sandbox: Sandbox, tmp_path: Path, size: str, worth: float) -> None:
    trades = ran_of(sandbox, tmp_path, RULES + size).trades
    first = trades.sort_values("EntryBar").iloc[0]
    assert first["Size"] * first["EntryPrice"] == pytest.approx(worth, rel=0.1)


def test_it_trades_a_part_of_a_coin(sandbox: Sandbox, tmp_path: Path) -> None:
    trades = ran_of(sandbox, tmp_path, RULES + "0.1 BTC per trade").trades
    assert trades["Size"].tolist() == pytest.approx([0.1] * len(trades))


def test_it_risks_as_much_whatever_the_leverage(sandbox: Sandbox, tmp_path: Path) -> None:
    for margin in (1.0, 0.1):
        trades = ran_of(sandbox, tmp_path, RULES + "risk 1%", margin=margin).trades
        first = trades.sort_values("EntryBar").iloc[0]
        assert first["Size"] * first["EntryPrice"] * 0.05 == pytest.approx(100, rel=0.02)


def test_it_gives_the_numbers_of_plain_backtesting(sandbox: Sandbox, tmp_path: Path) -> None:
    text = RULES + "$5,000 per trade, reverse for shorts"
    specification = read(text).specification
    assert specification is not None
    costs = {"commission": 0.001, "spread": 0.0002, "cash": 1e10}
    plain = bars.run(generate(specification), DEAR, parameters={"traded_unit": 1e-6}, **costs)
    ran = ran_of(sandbox, tmp_path, text)
    assert len(ran.trades) == plain["# Trades"] > 10
    assert ran.equity[-1] / 10_000 - 1 == pytest.approx(plain["Return [%]"] / 100, abs=1e-9)
