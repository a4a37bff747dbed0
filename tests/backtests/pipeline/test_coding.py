"""The code of a result, run by itself in a terminal with nothing of ours, gives the same numbers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User, Workspace
from backtests import artefacts, services
from backtests.coding import code_of
from backtests.datasets import frames, store, uploads
from backtests.models import Dataset, Result, Status
from tests.backtests.pipeline.conftest import Finish, Start

IDEA = "buy when close crosses above SMA(20), sell when close crosses below SMA(20), stop 2%, risk 1%"
ACCOUNT = {
    "cash": 2_500, "commission": 0.0005, "commission_fixed": 0.25, "spread": 0.001, "margin": 0.5,
    "trade_on_close": True, "exclusive_orders": False, "finalize_trades": False, "unit": 0.01,
}  # fmt: skip


THREE = (
    "buy when RSI(14) crosses below 40, sell when RSI rises above 60, stop 2 ATR, risk 1%",
    "mean reversion with bollinger bands",
    "go long when the 10 EMA crosses over the 30 EMA, exit on the opposite cross",
)


def alone(result: Result, folder: Path, bars: Path | None = None) -> dict[str, float]:
    """What plain backtesting.py prints of the result's code on a CSV file, or on the data set's."""
    code = folder / "strategy.py"
    code.write_text(code_of(result))
    if bars is None:
        bars = folder / "bars.csv"
        bars.write_text("".join(frames.csv_of(result.dataset)))
    done = subprocess.run([sys.executable, code, bars], capture_output=True, text=True, cwd=folder, check=True)
    found = re.findall(r"^(Return \[%\]|Max\. Drawdown \[%\]|# Trades|Sharpe Ratio) +(\S+)$", done.stdout, re.MULTILINE)
    return {name: float(value) for name, value in found}


def check_same(result: Result, folder: Path, bars: Path | None = None) -> None:
    found = alone(result, folder, bars)
    assert found["# Trades"] == result.trades > 0
    assert found["Return [%]"] == pytest.approx(result.return_pct, abs=1e-4)
    assert found["Max. Drawdown [%]"] == pytest.approx(result.max_drawdown_pct, abs=1e-4)
    assert found["Sharpe Ratio"] == pytest.approx(result.sharpe, abs=1e-4)


@pytest.mark.slow
def test_it_gives_the_same_numbers_with_improved_parameters(
    start: Start, finish: Finish, bars: Dataset, tmp_path: Path
) -> None:
    run = start(IDEA, options={"optimise": True, "cells": 12})
    finish()
    base, improved = Result.objects.filter(run=run).order_by("is_optimised")
    for result in (base, improved):
        check_same(result, tmp_path)
    assert code_of(base) == base.strategy.code
    kept = artefacts.read(f"{artefacts.run_folder(run)}/backtests_final/T01_{_file(base)}_v1_optimised.py")
    assert kept.decode() == code_of(improved) != code_of(base)


@pytest.mark.slow
def test_it_gives_the_same_numbers_with_an_account_of_its_own(start: Start, finish: Finish, tmp_path: Path) -> None:
    start(IDEA, settings=ACCOUNT)
    finish()
    check_same(Result.objects.get(), tmp_path)


@pytest.mark.slow(20)
def test_what_a_new_user_downloads_gives_the_same_numbers_on_their_own_file(
    bars: Dataset, workspace: Workspace, olivia: User, finish: Finish, tmp_path: Path
) -> None:
    own = _own_file(bars)
    uploaded = store.add_upload(workspace=workspace, actor=olivia, file=SimpleUploadedFile("BTC-USD-15m.csv", own))
    uploads.work()
    uploaded.refresh_from_db()
    assert uploaded.dataset
    if uploaded.dataset.needs_decision:
        store.accept(dataset=uploaded.dataset, actor=olivia)
    services.start_run(
        workspace=workspace, actor=olivia, ideas="\n".join(THREE), dataset_ids=[uploaded.dataset.pk],
        options={"optimise": False},
    )  # fmt: skip
    (run,) = finish()
    results = Result.objects.filter(run=run)
    assert (run.status, results.count()) == (Status.COMPLETE, 3)
    (tmp_path / "own.csv").write_bytes(own)
    for result in results:
        check_same(result, tmp_path, tmp_path / "own.csv")


def _own_file(bars: Dataset) -> bytes:
    """A year of bitcoin where there is one on this machine, else waves."""
    if folder := os.environ.get("REAL_DATA_DIR"):
        return (Path(folder) / "BTC-USD-15m.csv").read_bytes()
    return "".join(frames.csv_of(bars)).encode()


def _file(result: Result) -> str:
    name = "".join(letter if letter.isalnum() else "_" for letter in result.strategy.name)
    return name[:40].strip("_")
