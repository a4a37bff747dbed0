"""Scripts as customers have them, on the bars of the data set or those that they make of them, and the same check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from backtests.datasets.inside import framed
from backtests.engine import grid, lookahead, running, said
from backtests.engine.inside import rows
from backtests.engine.ledger import Forged
from backtests.engine.outcomes import Failed, Ran
from backtests.engine.settings import Settings
from backtests.sandbox import Sandbox
from tests.backtests.engine.asking import FRAMES, ask, child
from tests.backtests.engine.strategies import CROSS, SHIFTED

pytestmark = pytest.mark.slow(0.6)

READ = "import pandas as pd\ndata = pd.read_csv('/home/someone/data.csv', index_col=0, parse_dates=True)\n"
RUN = "\nfrom backtesting import Backtest\nbt = Backtest(data, {}, cash=1_000_000, commission=.002)\nprint(bt.run())\n"
CROSSED = RUN.format("Cross")
HOURS = (
    "data = data.resample('4h').agg({'Open': 'first', 'High': 'max', 'Low': 'min', 'Close': 'last', 'Volume': 'sum'})\n"
    "data = data.dropna()\n"
)


def test_it_gives_a_script_the_numbers_of_its_strategy(sandbox: Sandbox, tmp_path: Path) -> None:
    ran = result(sandbox, tmp_path, READ + CROSS + CROSSED)
    module = running.run(sandbox, ask(tmp_path, CROSS))
    assert isinstance(module, Ran)
    assert ran.stats == module.stats
    assert "Return [%]" in ran.log
    notes = {note.code: note.text for note in ran.notes}
    assert "cash 1000000" in notes["script_settings"]


def test_it_follows_a_script_to_longer_bars(sandbox: Sandbox, tmp_path: Path) -> None:
    ran = result(sandbox, tmp_path, READ + HOURS + CROSS + CROSSED, data="EURUSD")
    assert len(ran.equity) == len(FRAMES["EURUSD"].resample("4h").first().dropna())
    assert "resampled" in {note.code for note in ran.notes}
    assert ran.stats["Trades"] > 5


def test_it_follows_a_script_to_a_part_of_the_bars(sandbox: Sandbox, tmp_path: Path) -> None:
    ran = result(sandbox, tmp_path, READ + "data = data.iloc[100:400]\n" + CROSS + CROSSED)
    assert ran.bars.equals(framed.read(ask(tmp_path, CROSS).data).iloc[100:400])
    assert "part" in {note.code for note in ran.notes}


def test_it_counts_the_backtests_that_a_script_makes(sandbox: Sandbox, tmp_path: Path) -> None:
    code = READ + CROSS + CROSSED + "bt.optimize(fast=[3, 5], slow=[15, 20])\n"
    assert result(sandbox, tmp_path, code).trials >= 5


@pytest.mark.parametrize("prepare", ["", HOURS.replace("4h", "3D"), "data = data.iloc[200:]\n"])
def test_it_looks_for_look_ahead_in_the_bars_of_the_script(sandbox: Sandbox, tmp_path: Path, prepare: str) -> None:
    for code, name, state in ((CROSS, "Cross", "clean"), (SHIFTED, "Shifted", "suspect")):
        request = ask(tmp_path, READ + prepare + code + RUN.format(name), kind="script", settings=SEVERAL)
        ran = running.run(sandbox, request)
        assert isinstance(ran, Ran), ran
        assert lookahead.lookahead(sandbox, request, ran, samples=6).state == state


def test_it_searches_the_parameters_of_a_script(sandbox: Sandbox, tmp_path: Path) -> None:
    cells = grid.grid(sandbox, ask(tmp_path, READ + CROSS + CROSSED, kind="script"), {"fast": [3, 5, 8]})
    module = grid.grid(sandbox, ask(tmp_path, CROSS), {"fast": [3, 5, 8]})
    assert [cell.stats for cell in cells] == [cell.stats for cell in module]


def test_it_names_the_line_of_a_script_that_fails(sandbox: Sandbox, tmp_path: Path) -> None:
    code = READ + CROSS.replace("crossover(self.a, self.b)", "self.a[-1] > self.nothing") + CROSSED
    failed = running.run(sandbox, ask(tmp_path, code, kind="script"))
    assert isinstance(failed, Failed)
    assert code.splitlines()[(failed.line or 0) - 1].strip() == "if self.a[-1] > self.nothing:"


@pytest.mark.parametrize(
    "forged",
    [
        {"timeframe": "1s left left; import os"},
        {"timeframe": 5},
        {"timeframe": "86400s left left"},
        {"timeframe": "1s left left"},
        {"rows": [[0, 10_000]]},
        {"rows": [[5, 9], [3, 20]]},
        {"rows": [[5, 5]]},
        {"rows": []},
        {"rows": [[0.5, 3]]},
        {"rows": "all"},
    ],
)
def test_it_refuses_bars_that_the_data_set_does_not_have(forged: dict[str, Any]) -> None:
    with pytest.raises(Forged):
        said.frame_traded(forged, FRAMES["GOOG"])


@pytest.mark.parametrize("label", ["left", "right"])
@pytest.mark.parametrize("closed", ["left", "right"])
def test_it_makes_the_longer_bars_of_pandas(label: Any, closed: Any) -> None:
    frame = framed.frame_of(framed.arrays_of(FRAMES["EURUSD"]))
    how = {"Open": "first", "High": "max", "Low": "min", "Close": "last", "Volume": "sum"}
    theirs = frame.resample("19800s", label=label, closed=closed).agg(how).dropna()
    ours = rows.base_of(frame, f"19800s {label} {closed}")
    pd.testing.assert_frame_equal(ours, theirs, check_freq=False)


def test_it_makes_no_more_bars_than_there_are_rows() -> None:
    """A bar of two seconds over three centuries: pandas would make 5 billion rows."""
    index = pd.DatetimeIndex([*pd.date_range("1900-01-01", periods=9, freq="s"), pd.Timestamp("2199-01-01")])
    frame = FRAMES["GOOG"].iloc[:10].set_axis(index.as_unit("us"))
    assert len(said.frame_traded({"timeframe": "2s left left"}, frame)) == 6


def test_it_lets_only_scripts_say_what_they_traded_on(sandbox: Sandbox, tmp_path: Path) -> None:
    code = CROSS + (
        "\nimport sys\nreport = sys.modules['backtests.engine.inside.report']\ntrue = report.brief\n"
        "report.brief = lambda simulation: {**true(simulation), 'timeframe': '172800s left left', 'rows': [[0, 9]],"
        " 'trials': 99, 'settings': {'cash': '1'}}\n"
    )
    ran, honest = (running.run(sandbox, ask(tmp_path, source)) for source in (code, CROSS))
    assert isinstance(ran, Ran), ran
    assert isinstance(honest, Ran)
    assert (ran.stats, ran.notes, ran.trials) == (honest.stats, honest.notes, 1)
    cells = grid.grid(sandbox, ask(tmp_path, code.replace("inside.report", "inside.cells")), {"fast": [5]})
    assert cells[0].stats == honest.stats


def test_it_says_the_same_without_a_sandbox(tmp_path: Path) -> None:
    answer = child(ask(tmp_path, READ + "data = data.iloc[100:400]\n" + CROSS + CROSSED, kind="script"))
    assert (answer["rows"], answer["bars"], answer["timeframe"]) == ([[100, 400]], 300, "")


SEVERAL = Settings(exclusive_orders=False)


def result(sandbox: Sandbox, folder: Path, code: str, **given: Any) -> Ran:
    ran = running.run(sandbox, ask(folder, code, kind="script", **given))
    assert isinstance(ran, Ran), ran
    return ran
