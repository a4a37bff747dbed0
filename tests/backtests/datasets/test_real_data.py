"""The gate on genuine candles, which stay outside the project: REAL_DATA_DIR names their folder."""

from __future__ import annotations

import base64
import os
import zlib
from pathlib import Path

import numpy as np
import pytest

from backtests.datasets.inside import table
from backtests.datasets.quality import Report, examine

FOLDER = os.environ.get("REAL_DATA_DIR", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="REAL_DATA_DIR is not set")


def report(name: str) -> Report:
    answer = table.main({"suffix": ".csv"}, {"file": Path(FOLDER) / name}, lambda message: None)
    packed = {key: zlib.decompress(base64.b64decode(text)) for key, text in answer["columns"].items()}
    return examine({key: np.frombuffer(held, "<i8" if key == "time" else "<f8") for key, held in packed.items()})


def test_it_finds_exactly_the_two_gaps_of_a_year_of_bitcoin() -> None:
    faults = report("BTC-USD-15m.csv").faults
    assert [(fault.kind, fault.count) for fault in faults] == [("missing", 20)]
    moments = [np.datetime64(example.time, "us") for example in faults[0].examples if example.time is not None]
    assert [str(moment)[:10] for moment in moments] == ["2023-03-04", "2023-05-19"]


def test_it_finds_nothing_in_a_month_of_minutes() -> None:
    assert report("btc_perp_1m.csv").is_clean
