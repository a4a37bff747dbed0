"""One run in the sandbox: its result, and each way in which there is none."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backtests.engine import inside, running
from backtests.engine.failing import SAID
from backtests.engine.inside import script
from backtests.engine.outcomes import Failed, Ran
from backtests.engine.request import Request
from backtests.engine.settings import Settings
from backtests.engine.version import ENGINE_VERSION
from backtests.sandbox import Sandbox
from backtests.sandbox.job import Limits
from tests.backtests.engine.asking import ask
from tests.backtests.engine.strategies import BRACKETS, CROSS, HEAD, PARTS

pytestmark = pytest.mark.slow(0.4)

LIMITS = Limits(cpu_sec=1, wall_sec=60, memory_mb=200, output_mb=1)
EMPTY = HEAD + "class Empty(Strategy):\n    def init(self):\n        {}\n    def next(self):\n        {}\n"
TALKS = """
import sys
sys.modules["backtests.engine.inside.report"].brief = lambda simulation: {"words": "many " * 10**6}
"""


def test_it_gives_trades_equity_stats_and_metrics(sandbox: Sandbox, tmp_path: Path) -> None:
    ran = result(sandbox, ask(tmp_path, BRACKETS))
    assert len(ran.equity) == len(ran.times) == len(ran.bars) == 700
    assert ran.stats["Trades"] == ran.metrics["trades"] == len(ran.trades) > 20
    assert ran.stats["Return %"] == pytest.approx(100 * (ran.equity[-1] / 10_000 - 1))
    record = ran.trade_records()[0]
    assert record["tag"] in ("long", "short")
    assert record["sl"] > 0
    assert record["exit_time"] >= record["entry_time"] > 1_000_000_000_000_000
    json.dumps([ran.stats, ran.metrics, ran.trade_records(), ran.indicators], allow_nan=False)
    assert ran.level == sandbox.level.name.lower()


def test_it_shows_what_the_strategy_is_made_of(sandbox: Sandbox, tmp_path: Path) -> None:
    ran = result(sandbox, ask(tmp_path, CROSS, parameters={"fast": 7}))
    assert ran.parameters == {"fast": 7, "slow": 15}
    assert [line["name"] for line in ran.indicators] == ["SMA(C,7)", "SMA(C,15)"]
    assert all(line["overlay"] and len(line["values"]) == 600 for line in ran.indicators)
    assert ran.indicators[0]["values"][0] is None
    assert ran.warmup == 14
    assert len(ran.orders["bar"]) >= len(ran.trades)


def test_it_gives_the_same_bytes_for_the_same_request(sandbox: Sandbox, tmp_path: Path) -> None:
    request = ask(tmp_path, PARTS, settings=Settings(exclusive_orders=False))
    first, again = result(sandbox, request), result(sandbox, request)
    assert first.canonical() == again.canonical()
    assert json.loads(first.canonical())["engine"] == ENGINE_VERSION
    other = result(sandbox, replace(request, settings=Settings(exclusive_orders=False, commission=0.0011)))
    assert other.canonical_sha256 != first.canonical_sha256


def test_it_draws_the_same_random_numbers_for_the_same_seed(sandbox: Sandbox, tmp_path: Path) -> None:
    code = EMPTY.format("pass", "if np.random.random() < 0.2: self.buy(size=0.1)")
    digests = [result(sandbox, ask(tmp_path, code, seed=seed)).canonical_sha256 for seed in (5, 5, 6)]
    assert digests[0] == digests[1] != digests[2]


def test_it_tells_how_far_it_is(sandbox: Sandbox, tmp_path: Path) -> None:
    code = HEAD + "import time\n" + EMPTY.format("pass", "time.sleep(0.002)")
    told: list[Any] = []
    result(sandbox, ask(tmp_path, code), on_progress=told.append)
    assert told
    assert all(message["of"] == 700 for message in told)


def test_it_keeps_the_log(sandbox: Sandbox, tmp_path: Path) -> None:
    assert "hello 🌙" in result(sandbox, ask(tmp_path, EMPTY.format("print('hello 🌙')", "pass"))).log


@pytest.mark.parametrize(
    ("code", "kind", "line", "says"),
    [
        ("def next(self:\n", "syntax", 1, "not valid Python"),
        ("import pandas\nimport nothing_like_this\n", "import", 2, "nothing_like_this"),
        ("x = 1\n", "no_strategy", None, "defines no class"),
        (EMPTY.format("pass", "self.data.Nothing"), "runtime", 11, "Nothing"),
        (EMPTY.format("self.a = self.I(lambda c: c[5:], self.data.Close)", "pass"), "runtime", 9, "must return"),
        (EMPTY.format("self.a = self.I(lambda c: 1 / 0, self.data.Close)", "pass"), "runtime", 9, "ZeroDivisionError"),
        (EMPTY.format("pass", "self.buy(size=-1)"), "runtime", 11, "AssertionError"),
        ("raise SystemExit\n", "runtime", 1, "ended the program"),
        (EMPTY.format("pass", "raise BaseException('odd')"), "runtime", None, "odd"),
        (EMPTY.format("[0] * 10**9", "pass"), "memory", None, "memory"),
        (EMPTY.format("while True: pass", "pass"), "timeout", None, "1 seconds of processor time"),
        (EMPTY.format("import time; time.sleep(60)", "pass"), "timeout", None, "after 3 seconds"),
        (EMPTY.format("import os; os._exit(3)", "pass"), "crashed", None, "ended by itself"),
        (EMPTY.format("pass", "pass") + TALKS, "output", None, "1 MB"),
    ],
)  # fmt: skip
def test_it_names_why_there_is_no_result(
    sandbox: Sandbox, tmp_path: Path, code: str, kind: str, line: int | None, says: str
) -> None:
    limits = replace(LIMITS, wall_sec=3) if "sleep" in code else LIMITS
    failed = running.run(sandbox, ask(tmp_path, code, settings=Settings(exclusive_orders=False)), limits=limits)
    assert isinstance(failed, Failed)
    assert (failed.kind, says in failed.message) == (kind, True), failed
    assert line is None or failed.line == line
    assert "backtests/engine" not in failed.traceback


@pytest.mark.parametrize("kind", ["sandbox", "cancelled", "forged", "timeout", "data", "made-up"])
def test_it_calls_no_failure_as_foreign_code_would_have_it(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    code = f"from {script.__name__} import ScriptFailed\nraise ScriptFailed({kind!r}, 'mine')\n"
    failed = running.run(sandbox, ask(tmp_path, code))
    assert isinstance(failed, Failed)
    assert (failed.kind, failed.message) == ("runtime", "mine")


def test_it_knows_every_kind_that_our_own_code_in_the_child_names() -> None:
    """They are written where they are raised: `ScriptFailed("kind", …)` and `return "kind", …`."""
    folder = Path(inside.__file__).parent
    text = "".join(path.read_text() for path in sorted(folder.rglob("*.py")))
    named = set(re.findall(r'ScriptFailed\(\s*"(\w+)"', text))
    named |= set(re.findall(r'return "(\w+)", f?"', (folder / "failures.py").read_text()))
    assert named == SAID


def test_it_shows_the_customers_lines_in_the_traceback(sandbox: Sandbox, tmp_path: Path) -> None:
    failed = running.run(sandbox, ask(tmp_path, EMPTY.format("pass", "self.buy(size=5.5)")))
    assert isinstance(failed, Failed)
    assert 'File "strategy.py", line 11, in next' in failed.traceback
    assert "self.buy(size=5.5)" in failed.traceback
    assert "site-packages" not in failed.traceback


def test_it_names_a_parameter_that_the_strategy_does_not_have(sandbox: Sandbox, tmp_path: Path) -> None:
    failed = running.run(sandbox, ask(tmp_path, CROSS, parameters={"fats": 3}))
    assert isinstance(failed, Failed)
    assert failed.kind == "parameters"
    assert "fats" in failed.message


def test_it_refuses_bars_that_are_not_those_of_the_data_set(sandbox: Sandbox, tmp_path: Path) -> None:
    request = ask(tmp_path, CROSS)
    for broken in (replace(request, data_sha256="0" * 64), replace(request, data=tmp_path / "nothing.npz")):
        failed = running.run(sandbox, broken)
        assert isinstance(failed, Failed)
        assert failed.kind == "data"


def test_it_ends_at_once_when_it_is_cancelled(sandbox: Sandbox, tmp_path: Path) -> None:
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    began = time.monotonic()
    failed = running.run(sandbox, ask(tmp_path, EMPTY.format("while True: pass", "pass")), cancelled=stop.is_set)
    # The product promises 2 s.
    assert time.monotonic() - began < 6.5
    assert isinstance(failed, Failed)
    assert failed.kind == "cancelled"


def result(sandbox: Sandbox, request: Request, **more: Any) -> Ran:
    ran = running.run(sandbox, request, **more)
    assert isinstance(ran, Ran), ran
    return ran
