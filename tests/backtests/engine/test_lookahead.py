"""Strategies that see the future are found out, and the others are left in peace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backtests.engine import lookahead, running
from backtests.engine.outcomes import Lookahead, Ran
from backtests.engine.perturbing import perturbed
from backtests.engine.settings import Settings
from backtests.sandbox import Sandbox
from tests.backtests.engine.asking import FRAMES, ask
from tests.backtests.engine.strategies import CHEATS, CLEAN, CROSS, HEAD, LIES

pytestmark = pytest.mark.slow(1)

SEVERAL = Settings(exclusive_orders=False)
# Its orders come in turns, so that all it needs to know of the future is whether one is due: where bars jump, it is.
GUESSES = """
class Guesses(Strategy):
    def init(self):
        self.closes = np.asarray(self.data.Close)

    def next(self):
        here = len(self.data) - 1
        if here + 1 >= len(self.closes):
            return
        step = self.closes[here + 1] / self.closes[here] - 1
        if abs(step) > 0.12 or (step < 0 if self.position else step > 0):
            self.position.close() if self.position else self.buy(size=0.5)
"""
# On bars that jump as none of the data set does, in some of the reruns.
BREAKS = "        assert not abs(self.tomorrow[-1] / self.data.Close[-1] - 1) > 0.3\n"


@pytest.mark.parametrize("code", CHEATS.values(), ids=CHEATS)
def test_it_catches_a_strategy_that_sees_the_future(sandbox: Sandbox, tmp_path: Path, code: str) -> None:
    found = looked_at(sandbox, tmp_path, code)
    assert found.state == "suspect"
    assert "With other bars after 200" in found.evidence[0]["text"]


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_it_believes_no_strategy_that_lies_about_its_orders(sandbox: Sandbox, tmp_path: Path, lie: str) -> None:
    assert looked_at(sandbox, tmp_path, CHEATS["shift(-1)"] + lie, samples=6).state != "clean"


def test_it_calls_a_fill_without_an_order_suspect(sandbox: Sandbox, tmp_path: Path) -> None:
    found = looked_at(sandbox, tmp_path, CHEATS["shift(-1)"] + LIES["hides orders"])
    assert found.state == "suspect"
    assert "without an order" in found.evidence[0]["text"]


def test_it_gives_a_strategy_no_bars_but_the_changed_ones(sandbox: Sandbox, tmp_path: Path) -> None:
    """One that sees where they jump, and does there what would be due, is found at moments without an order."""
    assert looked_at(sandbox, tmp_path, HEAD + GUESSES).state == "suspect"


def test_it_shows_what_one_rerun_found_though_another_failed(sandbox: Sandbox, tmp_path: Path) -> None:
    code = CHEATS["shift(-1)"].replace("    def next(self):\n", "    def next(self):\n" + BREAKS, 1)
    assert looked_at(sandbox, tmp_path, code).state == "suspect"


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


def looked_at(sandbox: Sandbox, folder: Path, code: str, *, samples: int = 20) -> Lookahead:
    request = ask(folder, code, settings=SEVERAL)
    ran = running.run(sandbox, request)
    assert isinstance(ran, Ran), ran
    return lookahead.lookahead(sandbox, request, ran, samples=samples)
