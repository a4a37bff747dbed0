"""Scripts as people and models write them, by what is wrong with them: pasted, read, and run in the sandbox."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backtests.datasets.inside import bars, framed
from backtests.engine.lookahead import lookahead
from backtests.engine.outcomes import Failed, Ran
from backtests.engine.request import Request
from backtests.engine.running import run
from backtests.rbi import scripts
from backtests.sandbox import Sandbox
from tests.backtests.scripts.expected import EXPECTED
from tests.backtests.scripts.market import market

pytestmark = pytest.mark.slow(0.3)

FOLDER = Path(__file__).parent
# Of all scripts, how many have to run or be named rightly.
GOAL = 0.95


class Came:
    """What came of one script."""

    def __init__(self, script: scripts.Script, result: Ran | Failed | None) -> None:
        self.script = script
        self.result = result

    @property
    def outcome(self) -> str:
        if isinstance(self.result, Failed):
            return self.result.kind
        if self.result is None:
            return "cut_off"
        return "runs" if len(self.result.trades) else "no_trades"

    @property
    def said(self) -> str:
        found = [*self.script.notes]
        if self.result is None:
            assert self.script.cut_off is not None
            found.append(self.script.cut_off.message)
        elif isinstance(self.result, Failed):
            found += [self.result.message, *self.result.adaptations]
        else:
            found += [*self.result.adaptations, *(note.text for note in self.result.notes)]
        return "\n".join(found)


@pytest.fixture(scope="module")
def came(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Came]:
    """Every script, two at a time."""
    content = bars.pack(framed.arrays_of(market()))
    data = tmp_path_factory.mktemp("scripts") / "bars.npz"
    data.write_bytes(content)
    sha = hashlib.sha256(content).hexdigest()

    def one(name: str) -> Came:
        script = scripts.read((FOLDER / f"{name}.txt").read_text())
        if not script.is_usable:
            return Came(script, None)
        request = Request(script.code, data, sha, kind="script", timeframe_sec=900)
        return Came(script, run(sandbox, request))

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(EXPECTED, pool.map(one, EXPECTED), strict=True))


def test_it_has_a_script_for_every_line_of_the_table() -> None:
    files = {str(file.relative_to(FOLDER).with_suffix("")) for file in FOLDER.glob("*/*.txt")}
    assert files == set(EXPECTED)
    assert len(files) >= 60


@pytest.mark.parametrize("name", EXPECTED)
def test_it_runs_a_script_or_names_what_is_wrong_with_it(name: str, came: Mapping[str, Came]) -> None:
    found, expected = came[name], EXPECTED[name]
    assert found.outcome == expected.outcome, found.said
    assert expected.says in found.said


def test_it_takes_a_script_for_code(came: Mapping[str, Came]) -> None:
    for name in EXPECTED:
        assert scripts.kind_of((FOLDER / f"{name}.txt").read_text()) == "code", name


def test_it_reaches_the_goal(came: Mapping[str, Came]) -> None:
    right = sum(came[name].outcome == expected.outcome for name, expected in EXPECTED.items())
    assert right >= GOAL * len(EXPECTED)


def test_it_says_each_adaptation_once(came: Mapping[str, Came]) -> None:
    for name, found in came.items():
        if found.result is not None:
            assert len(found.result.adaptations) == len(set(found.result.adaptations)), name


def test_it_names_the_line_of_a_failure(came: Mapping[str, Came]) -> None:
    failed = came["ta_functions/invented_zscore"].result
    assert isinstance(failed, Failed)
    assert failed.line == 8


@pytest.mark.parametrize("name", ["optimise/class_in_function", "array_methods/rolling_in_init"])
def test_it_does_not_accuse_an_adapted_script(name: str, came: Mapping[str, Came], sandbox: Sandbox) -> None:
    ran = came[name].result
    assert isinstance(ran, Ran)
    assert lookahead(sandbox, ran.request, ran, samples=4, seed=1).state == "clean"
