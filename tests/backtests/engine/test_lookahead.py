"""Strategies that see the future are found out, and the others are left in peace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backtests.engine import lookahead, running
from backtests.engine.inside.lookahead import perturbed
from backtests.engine.outcomes import Lookahead, Ran
from backtests.engine.settings import Settings
from backtests.sandbox import Sandbox
from tests.backtests.engine.asking import FRAMES, ask
from tests.backtests.engine.strategies import CHEATS, CLEAN, CROSS, HEAD

SEVERAL = Settings(exclusive_orders=False)


@pytest.mark.parametrize("code", CHEATS.values(), ids=CHEATS)
def test_it_catches_a_strategy_that_sees_the_future(sandbox: Sandbox, tmp_path: Path, code: str) -> None:
    found = looked_at(sandbox, tmp_path, code)
    assert found.state == "suspect"
    assert "With other bars after 200" in found.evidence[0]["text"]


@pytest.mark.parametrize("code", CLEAN.values(), ids=CLEAN)
def test_it_accuses_no_strategy_that_does_not(sandbox: Sandbox, tmp_path: Path, code: str) -> None:
    found = looked_at(sandbox, tmp_path, code)
    assert (found.state, found.evidence) == ("clean", [])


def test_it_draws_the_same_bars_for_the_same_seed(sandbox: Sandbox, tmp_path: Path) -> None:
    request = ask(tmp_path, CHEATS["shift(-1)"], settings=SEVERAL)
    ran = running.run(sandbox, request)
    assert isinstance(ran, Ran)
    first, again, other = (lookahead.lookahead(sandbox, request, ran, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert first.evidence != other.evidence


def test_it_says_nothing_of_a_strategy_without_orders(sandbox: Sandbox, tmp_path: Path) -> None:
    found = looked_at(sandbox, tmp_path, CROSS.replace("self.buy()", "pass").replace("self.sell()", "pass"))
    assert found.state == "not_checked"
    assert "no order" in found.reason


def test_it_says_nothing_of_a_strategy_that_never_does_the_same_twice(sandbox: Sandbox, tmp_path: Path) -> None:
    code = HEAD + (
        "import time\nclass Moody(Strategy):\n    def init(self): pass\n    def next(self):\n"
        "        if time.perf_counter_ns() // 100 % 3: self.buy(size=0.01)\n"
    )
    found = looked_at(sandbox, tmp_path, code)
    assert found.state == "not_checked"
    assert "other orders each time" in found.reason


def test_it_changes_only_later_bars_and_keeps_them_consistent() -> None:
    frame = FRAMES["GOOG"].astype(float).assign(Funding=np.linspace(-1, 1, 700))
    changed = perturbed(frame, 400, 1)
    assert changed.iloc[:401].equals(frame.iloc[:401])
    later = changed.iloc[401:]
    assert (later["Close"] != frame["Close"].iloc[401:]).all()
    assert (later["High"] >= later[["Open", "Close"]].max(axis=1) * (1 - 1e-12)).all()
    assert (later["Low"] <= later[["Open", "Close"]].min(axis=1) * (1 + 1e-12)).all()
    assert (later["Volume"] > 0).all()


def looked_at(sandbox: Sandbox, folder: Path, code: str) -> Lookahead:
    request = ask(folder, code, settings=SEVERAL)
    ran = running.run(sandbox, request)
    assert isinstance(ran, Ran), ran
    return lookahead.lookahead(sandbox, request, ran)
