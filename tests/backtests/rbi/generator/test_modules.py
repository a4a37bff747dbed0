"""The text of generated modules: readable, alone, the same each time, and never what a customer typed as code."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from backtests.rbi.generator import generate
from backtests.rbi.indicators import REGISTRY
from tests.backtests.rbi import bars
from tests.backtests.rbi.documents import CLOSE, SMA, compare, cross, indicator, number, some, specification

pytestmark = pytest.mark.slow(0.1)

FRAME = bars.made(400)
NASTY = '""" + x\n\'\'\' \\ \\" \r # \x00 \x0c \u2028 é 🚀'


def test_it_gives_the_same_text_each_time() -> None:
    assert generate(specification()) == generate(specification())


def test_it_reads_like_code_that_somebody_wrote() -> None:
    text = generate(specification())
    head, _, rest = text.partition("class AboveTheAverage(Strategy):")
    assert head.startswith('"""Above the average.\n\nBuy when the close crosses over SMA(10).\n')
    own, _, _ = rest.partition("\n\n\nif __name__")
    assert (
        own
        == """
    period = 10  # bars
    equity_percent = 50.0  # percent

    def init(self):
        self.sma = self.I(sma, self.data.Close, self.period)

    def enters_long(self):
        return self.data.Close[-2] <= self.sma[-2] and self.data.Close[-1] > self.sma[-1]

    def exits_long(self):
        return self.data.Close[-2] >= self.sma[-2] and self.data.Close[-1] < self.sma[-1]

    def open_long(self):
        self.buy(size=min(self.equity_percent / 100, 0.9999))

    def next(self):
        if self.position.is_long and self.exits_long():
            self.position.close()
        if not self.position and self.enters_long():
            self.open_long()"""
    )


def test_it_imports_nothing_of_ours() -> None:
    tree = ast.parse(generate(specification()))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules == {"__future__", "sys", "numpy", "pandas", "backtesting"}


def test_it_has_only_the_functions_that_it_uses() -> None:
    tree = ast.parse(generate(specification()))
    assert [node.name for node in tree.body if isinstance(node, ast.FunctionDef)] == ["rolling", "sma", "read_bars"]


def test_it_keeps_lines_short() -> None:
    level = number("equity_percent")
    long = some(*[compare(CLOSE, ">", indicator("highest", period="period", ago=ago)) for ago in range(12)])
    deep = some(cross(CLOSE, "over", level), {"kind": "not", "condition": long})
    for condition in (long, deep, {"kind": "held", "condition": deep, "bars": "period"}):
        text = generate(specification(long={"entry": condition, "exit": long}))
        assert max(len(line) for line in text.splitlines()) <= 120
        assert bars.run(text, FRAME) is not None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("RSI dip & trend", "RSIDipTrend"),
        ("200-day average", "Idea200DayAverage"),
        ("🚀🚀", "Idea"),
        ("strategy", "StrategyIdea"),
        ("import os; os.system('ls')", "ImportOsOsSystemLs"),
        (NASTY, "X"),
    ],
)
def test_it_names_the_class_after_the_strategy(name: str, expected: str) -> None:
    text = generate(specification(name=name))
    (found,) = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    assert found.name == expected


def test_it_takes_no_text_for_code() -> None:
    plain = ast.parse(generate(specification()))
    label = {"value": 10, "whole": True, "unit": "bars", "label": NASTY}
    nasty = ast.parse(generate(specification(name=NASTY, description=NASTY * 9, parameters={"period": label})))
    for tree in (plain, nasty):
        tree.body = [node for node in tree.body[1:] if not isinstance(node, ast.If)]
    assert ast.dump(nasty).replace("'X'", "'AboveTheAverage'") == ast.dump(plain)


@pytest.mark.parametrize("name", REGISTRY)
def test_it_runs_with_each_indicator(name: str) -> None:
    definition = REGISTRY[name]
    parameters = {argument.name: {"value": argument.default} for argument in definition.args}
    args: dict[str, Any] = {argument.name: argument.name for argument in definition.args}
    lines = [indicator(name, output=line.name, **args) for line in definition.outputs]
    conditions = [compare({**line, "ago": 1}, "<", line) for line in lines]
    made = specification(parameters=parameters, long={"entry": some(*conditions), "exit": conditions[0]})
    found = bars.run(generate(made), FRAME)
    assert len(found["_strategy"]._indicators) == 1
    assert found["_equity_curve"]["Equity"].notna().all()


def test_it_computes_an_indicator_once() -> None:
    macd: dict[str, Any] = {name: name for name in ("fast", "slow", "signal")}
    lines = [indicator("macd", output=name, **macd) for name in ("line", "signal", "histogram")]
    parameters = {"fast": {"value": 12}, "slow": {"value": 26}, "signal": {"value": 9}}
    entry = {"kind": "all", "of": [cross(lines[0], "over", lines[1]), compare(lines[2], ">", lines[0])]}
    text = generate(specification(parameters=parameters, long={"entry": entry, "exit": cross(lines[0], "under", SMA)}))
    assert text.count("self.I(macd") == 1
    assert "self.macd, self.macd_signal, self.macd_histogram = self.I(" in text


def test_it_computes_an_indicator_of_an_indicator() -> None:
    rsi = indicator("rsi", period="period")
    smooth = indicator("sma", source={**rsi, "ago": 2}, period="period")
    above = indicator("ema", source={"kind": "price", "column": "typical"}, period="period")
    spread = {"kind": "sum", "left": CLOSE, "sign": "-", "right": above}
    entry = some(cross(rsi, "over", smooth), compare(spread, ">", indicator("sma", source=spread, period="period")))
    text = generate(specification(long={"entry": entry, "exit": compare(rsi, "<", smooth)}))
    assert "self.I(sma, shift(self.rsi, 2), self.period)" in text
    assert "self.I(ema, (self.data.High + self.data.Low + self.data.Close) / 3, self.period)" in text
    assert "self.I(sma, (self.data.Close - self.ema), self.period)" in text
    assert bars.run(text, FRAME)["# Trades"] > 0


def test_it_needs_the_column_that_it_names() -> None:
    funding = compare({"kind": "price", "column": "open_interest"}, ">", number("period"))
    text = generate(specification(long={"entry": funding, "exit": funding}))
    assert bars.run(text, FRAME.assign(OpenInterest=11.0))["# Trades"] > 0
    with pytest.raises(AttributeError, match="OpenInterest"):
        bars.run(text, FRAME)


def test_it_runs_by_itself(tmp_path: Path) -> None:
    made = specification(sizing={"kind": "cash", "amount": "usd"}, parameters={"usd": {"value": 5000, "unit": "usd"}})
    module, data = tmp_path / "strategy.py", tmp_path / "bars.csv"
    module.write_text(generate(made), encoding="utf-8")
    dear = FRAME.assign(**{name: FRAME[name] * 300 for name in ("Open", "High", "Low", "Close")})
    # As exchanges write it: blanks after commas and a comma at the end.
    rows = [" , ".join(map(str, row)) + "," for row in dear.reset_index().itertuples(index=False)]
    data.write_text("datetime, open, high, low, close, volume,\n" + "\n".join(rows))
    done = subprocess.run(
        [sys.executable, "-I", str(module), str(data)], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    shown = dict(line.rsplit(maxsplit=1) for line in done.stdout.splitlines() if "  " in line.strip())
    costs = {"commission": 0.001, "spread": 0.0002, "cash": 1e10}
    expected = bars.run(generate(made), dear, parameters={"traded_unit": 1e-6}, **costs)
    assert float(shown["Return [%]"]) == pytest.approx(expected["Return [%]"], abs=1e-4)
    assert float(shown["# Trades"]) == expected["# Trades"] > 5
    assert 5_000 < float(shown["Equity Final [$]"]) < 15_000
