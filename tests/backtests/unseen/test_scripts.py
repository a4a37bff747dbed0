"""Twenty scripts by somebody who had not seen the adapters: they run, or what is wrong with them is named."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from backtests.datasets import builtin
from backtests.datasets.inside import bars
from backtests.engine.request import Request
from backtests.engine.running import run
from backtests.rbi import scripts
from backtests.sandbox import Sandbox
from tests.backtests.scripts.test_scripts import Came
from tests.backtests.unseen.judging import FOLDER, SCRIPTS

pytestmark = pytest.mark.slow(0.3)

# The runtime refuses such an order and says why, where the library would stop.
ALSO = {"16_stop_wrong_side.txt": "no_trades"}


@pytest.fixture(scope="module")
def came(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Came]:
    """Every script on hourly bars of a coin, two at a time."""
    market = builtin.simulate(seed=11, price=30_000.0, step=0.005, bars=3_000)
    content = bars.pack({name: market[name] for name in ("time", *bars.PRICES, "volume")})
    data = tmp_path_factory.mktemp("unseen") / "bars.npz"
    data.write_bytes(content)

    def one(name: str) -> Came:
        script = scripts.read((FOLDER / "scripts" / name).read_text())
        if not script.is_usable:
            return Came(script, None)
        sha = hashlib.sha256(content).hexdigest()
        return Came(script, run(sandbox, Request(script.code, data, sha, kind="script", timeframe_sec=3600)))

    names = [script["file"] for script in SCRIPTS]
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(one, names), strict=True))


def test_it_has_twenty() -> None:
    assert {script["file"] for script in SCRIPTS} == {file.name for file in (FOLDER / "scripts").iterdir()}
    assert len(SCRIPTS) == 20


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script["file"])
def test_it_runs_or_is_named_rightly(script: dict[str, Any], came: Mapping[str, Came]) -> None:
    found = came[script["file"]]
    assert found.outcome in (script["expect"], ALSO.get(script["file"])), found.said
