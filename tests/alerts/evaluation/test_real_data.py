"""Alerts on what venues really wrote; the same behaviour on short series is tested beside."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

import pytest

from alerts import evaluate
from alerts.models import Event
from alerts.preview import preview
from alerts.rules.shapes import Config
from billing.models import Plan
from marketdata.sources.files.importing import import_file
from moondev.lib.clock import epoch_ms, now
from tests.alerts.evaluation.conftest import MakeAlert

pytestmark = pytest.mark.usefixtures("files")
LEVEL = 0.001
Row = tuple[datetime, float]


@pytest.fixture
def real_data() -> Path:
    """The folder of real market data; a test that needs it is skipped where it is not named."""
    folder = os.environ.get("REAL_DATA_DIR")
    if not folder:
        pytest.skip("REAL_DATA_DIR is not set")
    return Path(folder)


def moved_to(end: datetime, path: Path, folder: Path) -> Path:
    """A copy of the supplier's file whose last row is of the moment `end`."""
    rows = [line.split(",") for line in path.read_text().splitlines()]
    shift = epoch_ms(end) - max(int(row[10]) for row in rows)
    for row in rows:
        row[10] = str(int(row[10]) + shift)
    moved = folder / "liq_data.csv"
    moved.write_text("".join(",".join(row) + "\n" for row in rows))
    return moved


def usd_since(start: datetime, path: Path) -> float:
    """The sum of usd_size of the rows later than a moment."""
    rows = [line.split(",") for line in path.read_text().splitlines()]
    return sum(float(row[11]) for row in rows if int(row[10]) > epoch_ms(start))


def rates(path: Path) -> list[Row]:
    with path.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [(datetime.fromisoformat(row["Date"]).replace(tzinfo=UTC), float(row["Funding Rate"])) for row in rows]


def stretches(rows: list[Row]) -> list[Row]:
    """The first row of each maximal stretch with |rate| >= LEVEL."""
    runs = ((over, list(run)) for over, run in groupby(rows, key=lambda row: abs(row[1]) >= LEVEL))
    return [run[0] for over, run in runs if over]


def test_an_hour_of_real_liquidations_fires_once(real_data: Path, tmp_path: Path, make_alert: MakeAlert) -> None:
    present = evaluate.floor(now())
    file = moved_to(present, real_data / "liq_data_sample.csv", tmp_path)
    import_file(path=file)
    alert = make_alert(threshold=1_000_000.0, window_minutes=60)
    for minutes in range(0, 55, 5):
        evaluate.tick(present + timedelta(minutes=minutes))
    event = Event.objects.get()
    assert (event.alert_id, event.kind) == (alert.pk, "fired")
    assert event.value == pytest.approx(usd_since(present - timedelta(hours=1), file))
    assert event.value is not None
    assert event.value > 20_000_000


def test_real_funding_opens_one_event_for_each_stretch(real_data: Path) -> None:
    rows = rates(real_data / "funding_btc_8h.csv")
    import_file(path=real_data / "funding_btc_8h.csv")
    config = Config("funding_extreme", LEVEL, symbol="BTC", cooldown_minutes=0)
    shown = preview(config, Plan.objects.get(name="enterprise").terms(), days=5000)
    assert len(shown.times) > 10
    assert shown.times == [moment for moment, _ in stretches(rows)]


def near_a_stretch(rows: list[Row]) -> Iterator[datetime]:
    """The moments of the rows of each stretch and of those around it."""
    for place, (moment, _) in enumerate(rows):
        if any(abs(rate) >= LEVEL for _, rate in rows[max(0, place - 1) : place + 2]):
            yield moment


@pytest.mark.slow
def test_rounds_over_real_funding_open_one_event_for_each_stretch(real_data: Path, make_alert: MakeAlert) -> None:
    rows = rates(real_data / "funding_btc_8h.csv")
    import_file(path=real_data / "funding_btc_8h.csv")
    make_alert(kind="funding_extreme", symbol="BTC", threshold=LEVEL, cooldown_minutes=0)
    for moment in near_a_stretch(rows):
        evaluate.tick(moment)
        evaluate.tick(moment + timedelta(minutes=20))
    fired = Event.objects.filter(kind="fired").order_by("at")
    assert list(fired.values_list("at", "value")) == [(moment, abs(rate)) for moment, rate in stretches(rows)]
