"""What has to be said beside the numbers is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from backtests.datasets.inside import framed
from backtests.engine.notes import notes_of
from backtests.engine.outcomes import Note
from backtests.engine.request import Request
from backtests.engine.settings import Settings
from backtests.engine.statistics import open_trades_of
from backtests.engine.verifying import verify
from tests.backtests.engine.asking import FRAMES, ask, child
from tests.backtests.engine.strategies import CROSS, HEAD

FORM = HEAD + "class Form(Strategy):\n    def init(self):\n        {}\n    def next(self):\n        {}\n"
SMALL = Settings(cash=50.0, unit=1.0)


@pytest.mark.parametrize(
    ("code", "settings", "cause"),
    [
        (FORM.format("pass", "pass"), Settings(), "never all true"),
        (FORM.format("pass", "self.position or self.buy(size=0.5)"), SMALL, "too small to buy one unit"),
        (FORM.format("pass", "self.position or self.buy(size=50_000)"), Settings(), "cash and margin did not cover"),
        (FORM.format("pass", "self.orders or self.buy(limit=1)"), Settings(), "never reached their limit or stop"),
        (FORM.format("pass", "len(self.data) == 700 and self.buy(limit=1)"), Settings(), "never reached"),
        (CROSS.replace("slow = 15", "slow = 699"), Settings(), "need 698 bars before the first trade"),
        (CROSS.replace("slow = 15", "slow = 800"), Settings(), "no value on any of the 700 bars: SMA(C,800)"),
    ],
)  # fmt: skip
def test_it_names_the_likely_cause_of_no_trades(tmp_path: Path, code: str, settings: Settings, cause: str) -> None:
    assert cause in told(ask(tmp_path, code, settings=settings))["no_trades"]


def test_it_tells_of_trades_that_are_still_open(tmp_path: Path) -> None:
    code = FORM.format("pass", "self.position or self.buy(size=0.5)")
    notes = told(ask(tmp_path, code, settings=Settings(finalize_trades=False)))
    assert notes["open_trades"].startswith("1 trade was still open")
    assert "no_trades" not in notes


def test_it_tells_of_bars_that_were_skipped(tmp_path: Path) -> None:
    assert told(ask(tmp_path, CROSS))["warmup"].startswith("The first 14 of 700 bars")


def test_it_tells_of_simulated_bars_and_of_trading_for_free(tmp_path: Path) -> None:
    notes = told(ask(tmp_path, CROSS, simulated=True, settings=Settings(commission=0, spread=0)))
    assert {"simulated", "no_costs"} <= set(notes)
    assert not {"simulated", "no_costs"} & set(told(ask(tmp_path, CROSS)))


def test_it_tells_of_parts_of_a_unit_and_of_trades_that_move_nothing(tmp_path: Path) -> None:
    code = FORM.format("pass", "self.buy(size=1) if len(self.data) % 9 else self.position.close()")
    notes = told(ask(tmp_path, code, data="BTCUSD"))
    assert "down to 1e-06" in notes["fractional"]
    assert "less than a thousandth of the cash" in notes["tiny_size"]


def test_it_tells_of_rejected_orders_and_of_ruin(tmp_path: Path) -> None:
    frame = FRAMES["GOOG"].copy()
    frame.iloc[400:] *= 0.05
    code = FORM.format("pass", "self.position or self.buy(); len(self.data) % 50 or self.buy(size=10_000)")
    settings = Settings(margin=0.5, exclusive_orders=False)
    notes = told(ask(tmp_path, code, data=frame, settings=settings))
    assert "lost everything" in notes["ruined"]
    assert "rejected" in notes


def test_it_tells_of_stops_in_the_bar_of_their_own_entry(tmp_path: Path) -> None:
    code = FORM.format(
        "pass", "self.position or self.buy(size=0.5, limit=self.data.Close[-1] * 0.99, sl=self.data.Close[-1] * 0.985)"
    )
    assert "which came first is unknown" in told(ask(tmp_path, code))["ambiguous"]


def told(request: Request) -> dict[str, str]:
    """The notes of a run by their code."""
    answer: dict[str, Any] = json.loads(json.dumps(child(request)))
    frame: pd.DataFrame = framed.read(request.data)
    verified = verify(answer, frame, request.settings)
    notes: list[Note] = notes_of(answer, request, verified, open_trades_of(verified.ledger, unit=verified.unit))
    return {note.code: note.text for note in notes}
