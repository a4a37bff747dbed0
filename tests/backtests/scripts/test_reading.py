"""What is made of text that people paste, before anything runs."""

from __future__ import annotations

import ast
import json

import pytest

from backtests.rbi.scripts import cut_off, kind_of, read

GOOD = '''import pandas as pd
from backtesting import Backtest, Strategy


class Daily(Strategy):
    """Buys in the morning."""

    def init(self):
        pass

    def next(self):
        if not self.position:
            self.buy(size=0.5)


bt = Backtest(pd.read_csv("x.csv"), Daily)
stats = bt.run()
print(stats)
'''


@pytest.mark.parametrize(
    "text",
    [
        "buy when RSI(14) crosses below 30 and close is above the 200 SMA",
        "volume divergence with liquidation cascades on breakouts",
        "import the trend from the weekly chart, then buy dips",
        "class of breakout strategies: buy the first pullback",
        "from the lows, buy dips (2 ATR) and sell at the mean",
        "stop = 2 ATR, target = 3 ATR: mean reversion",
        "def: a gap is an open above yesterday's high",
        "",
    ],
)
def test_it_knows_an_idea(text: str) -> None:
    assert kind_of(text) == "idea"


@pytest.mark.parametrize(
    "text", ["https://youtu.be/dQw4w9WgXcQ", "www.example.com/paper.pdf", "try this one: https://example.com/a?b=c"]
)
def test_it_knows_a_link(text: str) -> None:
    assert kind_of(text) == "link"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"Here you go:\n```python\n{GOOD}```",
        GOOD[:150],
        "# see https://example.com\nimport talib\nfrom backtesting import Strategy\n",
        "fast = 10\nslow = 30\nif fast > slow:\n    print(fast)\n",
    ],
)
def test_it_knows_code(text: str) -> None:
    assert kind_of(text) == "code"


def test_it_leaves_good_code_alone() -> None:
    script = read(GOOD)
    assert (script.code, script.notes, script.cut_off, script.line) == (GOOD, (), None, 1)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + GOOD.replace("\n", "\r\n"),
        GOOD.replace('"', "“", 1).replace("“", '"') + "",
        GOOD.replace('"x.csv"', "“x.csv”"),
        GOOD.replace('"x.csv"', "‘x.csv’"),
        GOOD.replace("    ", "\t"),
        GOOD.replace("            self", "\t    self"),
        GOOD.replace("size=0.5", "size=\u00a00.5"),
        "".join(f"    {line}" for line in GOOD.splitlines(keepends=True)),
        GOOD.replace("not", "not\u200b"),
        GOOD.replace('"x.csv"', "&quot;x.csv&quot;"),
        "!pip install backtesting\n%load_ext autoreload\n" + GOOD,
        GOOD.replace("\n", "\\n").replace('"', '\\"'),
        "Sure! Here's the code you wanted:\n\n" + GOOD + "\nIt isn't tuned yet. Let me know how it goes!\n",
        GOOD + "\nExplanation\n\n- **Entry**: it buys at once\n- There's no exit\n",
        GOOD.replace("bt = ", "Then we run the backtest on our data:\n\nbt = "),
    ],
)
def test_it_undoes_what_pasting_does(text: str) -> None:
    script = read(text)
    found = ast.unparse(ast.parse(script.code))
    assert "self.buy(size=0.5)" in found
    assert "stats = bt.run()" in found
    assert script.is_usable


@pytest.mark.parametrize(
    "path",
    [
        r'"C:\Users\tom\x.csv"',
        r"'D:\Ubuntu\x.csv'",
        r'f"C:\Users\a{1}.csv"',
        r'"""C:\Users\tom"""',
        r'"C:\xdata\Nine\x.csv"',
        r'"\\server\Users\x.csv", "C:\Users\second.csv"',
    ],
)
def test_it_reads_paths_of_windows_raw_and_says_so(path: str) -> None:
    text = GOOD.replace('"x.csv"', path)
    script = read(text)
    ast.parse(script.code)
    assert [note for note in script.notes if "path of Windows" in note]
    assert read(f"Here you go:\n```python\n{text}```").code == script.code


def test_it_leaves_other_backslashes_alone() -> None:
    code = GOOD.replace('"x.csv"', r'"C:\\Users\\tom.csv", "a\tb\n", r"C:\Users", b"\x00"')
    assert read(code).code == code
    text = GOOD.replace('"x.csv"', r'"C:\Users\tom.csv"').replace('"""Buys', r'"""One\ttwo. Buys')
    assert r'"""One\ttwo.' in read(text).code


def test_it_does_not_take_a_mistake_in_code_for_prose() -> None:
    script = read(GOOD.replace("if not self.position:", "if not self.position"))
    assert "\n        if not self.position\n" in script.code
    assert script.cut_off is None


def test_it_counts_lines_from_where_the_code_begins() -> None:
    assert read(f"Here it is:\n\n```python\n{GOOD}```\n").line == 4


def test_it_joins_the_pieces_of_one_script() -> None:
    first, second = GOOD.split("bt = ")
    script = read(f"```bash\npip install x\n```\n```py\n{first}```\nand then\n```py\nbt = {second}```")
    assert script.code.count("class Daily") == 1
    assert "bt = Backtest" in script.code


def test_it_takes_the_last_version() -> None:
    script = read(f"```python\n{GOOD}```\nBetter:\n```python\n{GOOD.replace('0.5', '0.9')}```")
    assert "size=0.9" in script.code
    assert "size=0.5" not in script.code


@pytest.mark.parametrize(
    "end",
    [
        "self.buy(size=0.",
        "self.buy(",
        "if not self.pos",
        "if not self.position:",
        "def next(self",
        "def next(self):",
        '"""Buys in',
        "class Daily(Strategy",
    ],
)
def test_it_finds_the_end_of_an_answer_that_ran_out(end: str) -> None:
    script = read("```python\n" + GOOD[: GOOD.index(end) + len(end)])
    assert script.cut_off is not None
    assert not script.is_usable
    assert script.cut_off.line <= GOOD[: GOOD.index(end) + len(end)].count("\n") + 1


@pytest.mark.parametrize("end", ['bt = Backtest(pd.read_csv("x.', "bt = Backtest(", "print(stats"])
def test_it_keeps_a_strategy_that_was_finished_before_the_cut(end: str) -> None:
    script = read(GOOD[: GOOD.index(end) + len(end)])
    assert script.cut_off is not None
    assert script.is_usable
    assert "self.buy(size=0.5)" in script.code
    ast.parse(script.code)


@pytest.mark.parametrize(
    "code",
    [
        GOOD,
        GOOD.replace("print(stats)", "stats"),
        GOOD.replace("print(stats)", "print(stats))"),
        GOOD.replace("import pandas as pd", "import pandas as pd ("),
        GOOD.replace("self.buy(size=0.5)", "self.buy(size=0.5"),
        GOOD.replace("def next(self):", "def next(self)"),
        "x = = 3\n",
        "",
    ],
)
def test_it_does_not_call_a_mistake_cut_off(code: str) -> None:
    assert cut_off(code) is None


def test_it_calls_dots_at_the_end_cut_off() -> None:
    assert cut_off(GOOD[: GOOD.index("bt =")] + "# ... rest of the code\n") is not None
    assert cut_off("from backtesting import Strategy\nclass A(Strategy):\n    def next(self):\n        ...") is not None


def test_it_is_quick_with_hostile_text() -> None:
    for text in (
        "(" * 5_000,
        "a = " * 20_000,
        "import " + "a." * 100_000,
        "`" * 50_000,
        "\n".join(["x = ("] * 3_000),
        "[\n" * 2_000,
    ):
        read(text)
        kind_of(text)


def test_it_reads_a_notebook() -> None:
    first, second = GOOD.split("bt = ")
    cells = [
        {"cell_type": "markdown", "source": ["# See https://example.com\n"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", *first.splitlines(keepends=True)], "outputs": []},
        {"cell_type": "code", "source": f"bt = {second}"},
    ]
    text = json.dumps({"cells": cells, "nbformat": 4})
    script = read(text)
    assert kind_of(text) == "code"
    assert "class Daily" in script.code
    assert "stats = bt.run()" in script.code
    ast.parse(script.code)
    assert script.notes[0] == "The code was taken out of the cells of a notebook."
