"""What the static check says of strategies with and without faults."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
import talib

from backtests.rbi.check import LONGEST, check
from backtests.rbi.check.functions import FUNCTIONS
from backtests.rbi.check.packages import RUNTIME
from tests.backtests.rbi.check.clean import CLEAN
from tests.backtests.rbi.check.faulty import BAD
from tests.backtests.rbi.check.samples import HEAD, strategy


@pytest.mark.parametrize(("code", "module"), BAD, ids=[f"{code}-{place}" for place, (code, _) in enumerate(BAD)])
def test_it_finds_the_fault(code: str, module: str) -> None:
    assert code in {finding.code for finding in check(module)}


@pytest.mark.parametrize("name", CLEAN)
def test_it_accuses_no_clean_strategy(name: str) -> None:
    assert check(CLEAN[name]) == []


def test_it_names_the_line_the_reason_and_a_remedy() -> None:
    code = strategy("self.end = self.data.Close[-1]")
    [finding] = check(code)
    assert "self.end" in code.splitlines()[finding.line - 1]
    assert finding.as_json() == {
        "code": "last_bar",
        "severity": "warning",
        "line": finding.line,
        "text": "At this point a negative index means the end of all data, not the present bar.",
        "remedy": "Read [-1] in next, where only past bars are seen.",
    }


def test_it_names_the_line_of_a_syntax_error_in_plain_words() -> None:
    [finding] = check("x = 1\nfor i in range(3)\n    pass\n")
    assert (finding.code, finding.severity, finding.line) == ("syntax", "error", 2)
    assert finding.text == "A colon is missing at the end of the line."


def test_it_says_when_the_code_seems_cut_off() -> None:
    [finding] = check(HEAD + "class Mine(Strategy):\n    def init(self):\n        self.x = self.I(")
    assert finding.text == "A bracket that opens here is never closed."
    assert "cut off" in finding.remedy


def test_it_reads_thousands_of_lines_in_a_moment() -> None:
    lines = "\n".join(f"self.x{n} = self.data.Close.rolling({n + 1}).mean()" for n in range(1500))
    chain = "".join(f"def f{n}(x):\n    return f{n + 1}(x)\n" for n in range(1500))
    code = strategy(lines, "self.buy()\n" * 1500, before=chain) + "if __name__ == '__main__':\n    f0(1)\n"
    assert check(code) == []


@pytest.mark.parametrize(
    "code", ["x = 1\0", "(" * 5000, "-" * 100_000 + "1", "x" * (LONGEST + 1), "x = " + "1 + " * 20_000 + "1"]
)
def test_it_reads_hostile_text_without_failing(code: str) -> None:
    [finding] = check(code)
    assert finding.severity == "error"


def test_it_leaves_the_runner_at_the_end_out_except_for_its_imports() -> None:
    runner = "if __name__ == '__main__':\n    import sklearn\n    open('x', 'w')\n    x = data.shift(-1)\n"
    assert [finding.code for finding in check(strategy() + runner)] == ["missing_package"]


def test_it_sorts_by_line() -> None:
    code = strategy("self.end = self.data.Close[-1]", "self.buy(size=0)", before="import sklearn\n")
    assert [finding.code for finding in check(code)] == ["missing_package", "last_bar", "size"]


def test_it_knows_the_packages_of_the_runtime() -> None:
    assert [name for name in RUNTIME if find_spec(name) is None] == []


def test_it_knows_the_functions_of_talib() -> None:
    assert frozenset(talib.get_functions()) == FUNCTIONS  # type: ignore[no-untyped-call]
