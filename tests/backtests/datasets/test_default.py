"""What a newcomer tries first: the examples that we show, on the data set that a run takes which names none."""

from __future__ import annotations

import re
from pathlib import Path

import backtesting.test
import pandas as pd
import pytest

from backtests.datasets.usual import DEFAULT
from backtests.portal.asking import EXAMPLES
from backtests.rbi import drafter, generator
from tests.backtests.engine.asking import ask, child

ROOT = Path(__file__).resolve().parents[3]
SHOWN = {
    "docs/backtest_dashboard.md": r"""(?:"ideas": |client\.py run )"([^"]+)\"""",
    "demos/demo_backtest_dashboard_client.py": r'''USAGE = .*run "([^"]+)"''',
}


def documented() -> list[str]:
    return [idea for file, way in SHOWN.items() for idea in re.findall(way, (ROOT / file).read_text())]


def test_it_knows_where_examples_are_shown() -> None:
    assert len(documented()) == 3


@pytest.mark.parametrize("idea", [*documented(), *EXAMPLES])
def test_it_trades_every_example_on_the_usual_bars(idea: str, tmp_path: Path) -> None:
    bars: pd.DataFrame = getattr(backtesting.test, DEFAULT)
    drafted = drafter.draft(idea, columns={"open", "high", "low", "close", "volume"})
    assert drafted.specification is not None
    answer = child(ask(tmp_path, generator.generate(drafted.specification), data=bars))
    # In and out again.
    assert len(answer["fills"]["bar"]) >= 2
