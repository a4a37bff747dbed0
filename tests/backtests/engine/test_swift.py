"""What the child spares on every bar changes nothing, to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from backtesting import lib
from backtesting._util import _Array, _Indicator

from backtests.engine.inside.simulation import Simulation
from backtests.engine.inside.swift import of_arrays, swift
from backtests.engine.running import account_of
from backtests.engine.settings import Settings
from tests.backtests.engine.asking import FRAMES, ask, bare, strategy_of
from tests.backtests.engine.strategies import HEAD

pytestmark = pytest.mark.slow(0.1)

# Partial closes, brackets, orders in both directions; and each bar it writes down what it can read of the account.
WITNESS = HEAD + (
    "class Witness(Strategy):\n    def init(self):\n        self.a = self.I(SMA, self.data.Close, 8)\n"
    "        self.seen = []\n"
    "    def next(self):\n        bar, price = len(self.data), self.data.Close[-1]\n"
    "        self.seen.append((self.equity, self.position.pl, self.position.size))\n"
    "        if bar % 9 == 0: self.buy(size=0.3, sl=price * 0.97, tp=price * 1.05)\n"
    "        if bar % 13 == 0: self.position.close(0.5)\n"
    "        if crossover(self.a, self.data.Close): self.sell(size=0.2)\n"
)
SETTINGS = {
    "usual": Settings(exclusive_orders=False),
    "margin": Settings(margin=0.1, exclusive_orders=False),
    "ruin": Settings(margin=0.01, commission=0.0, exclusive_orders=False),
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_a_strategy_reads_the_same_account(tmp_path: Path, settings: Settings, dtype: Any) -> None:
    frame = pd.DataFrame((FRAMES["GOOG"].iloc[:300] * 10).astype(dtype))
    settings = replace(settings, unit=1.0)
    ours, theirs = run(tmp_path, WITNESS, frame, settings), bare(WITNESS, frame, settings)
    assert ours["_strategy"].seen == theirs["_strategy"].seen
    assert len(theirs["_trades"])
    assert ours["_equity_curve"]["Equity"].tolist() == theirs["_equity_curve"]["Equity"].tolist()


def test_a_script_may_change_the_prices_under_way(tmp_path: Path) -> None:
    dearer = "if len(self.data) == 99: self.data._Data__df = self.data._Data__df * 1.5; self.data._update()"
    code = WITNESS.replace("def next(self):\n", f"def next(self):\n        {dearer}\n")
    frame = FRAMES["GOOG"].iloc[:200]
    changed = "self.data._Data__df = self.data._Data__df * 1.5; "
    code = code.replace("== 99: ", f"== 99: {changed}")
    ours, theirs = run(tmp_path, code, frame, Settings()), bare(code, frame, Settings())
    assert ours["_equity_curve"]["Equity"].tolist() == theirs["_equity_curve"]["Equity"].tolist()


@pytest.mark.parametrize("kind", [list, np.array, pd.Series, lambda values: _Indicator(np.array(values), name="x")])
def test_series_cross_as_backtesting_py_says(kind: Callable[[Any], Any]) -> None:
    crossed, numbers = of_arrays(lib.crossover), (1.0, 2.0, float("nan"))
    pairs = [kind([one, other]) for one in numbers for other in numbers] + [kind([1.0])]
    for one in pairs:
        for other in [*pairs, 1.5]:
            assert crossed(one, other) == lib.crossover(one, other)
            assert crossed(other, one) == lib.crossover(other, one)


def test_parts_of_an_array_keep_its_name_and_options() -> None:
    with swift():
        part = _Indicator(np.arange(9.0), name="nine", scatter=True)[..., :4]
        assert (part.name, part._opts) == ("nine", {"scatter": True})
        nameless = np.arange(3.0).view(_Array)
        assert (nameless.name, nameless._opts) == ("", {})


def test_elsewhere_backtesting_py_stays_as_it_is() -> None:
    before = lib.crossover, _Array.__array_finalize__
    with swift():
        assert lib.crossover is not before[0]
    assert (lib.crossover, _Array.__array_finalize__) == before


def run(folder: Path, code: str, frame: pd.DataFrame, settings: Settings) -> pd.Series:
    """As the child does, with the statistics that only scripts see."""
    account = account_of(ask(folder, code, data=frame, settings=settings), frame)
    with swift():
        return Simulation(account, seed=1, whole=True).run(strategy_of(code), frame, {})
