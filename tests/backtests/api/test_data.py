"""Data over HTTP: freshness, what was liquidated lately, and files."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from pytest_django import Settings

from accounts.models import User, Workspace
from marketdata.catalogue import FEEDS
from marketdata.ingest import take_in
from marketdata.records import Record
from tests.alerts.evaluation.conftest import liquidation, reading
from tests.backtests.api.conftest import Call
from tests.backtests.making import dataset_row

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def market(settings: Settings) -> None:
    settings.MARKET_DATA_SOURCE = "files"
    store_in(
        "liquidations",
        liquidation(NOON - timedelta(hours=20), 200_000.0, symbol="ETH"),
        liquidation(NOON - timedelta(hours=3), 30_000.0),
        liquidation(NOON - timedelta(minutes=10), 5_000.0),
        liquidation(NOON, 100.0),
    )
    store_in("open_interest", reading(NOON, 120.0))


def store_in(feed: str, *rows: Record) -> None:
    take_in(feed=FEEDS[feed], source="files", rows=rows)


def test_it_sums_what_was_liquidated_by_span_size_and_symbol(call: Call, market: None) -> None:
    answer = call("get", "/api/liquidations/recent?hours=24").json()
    assert {span: found["volume"] for span, found in answer["stats"].items()} == {
        "1h": 5_100.0,
        "4h": 35_100.0,
        "12h": 35_100.0,
        "24h": 235_100.0,
    }
    assert [len(answer[size]) for size in ("mini", "big", "major")] == [1, 1, 1]
    assert answer["major"][0]["usd_amount"] == 200_000.0
    assert [(row["symbol"], row["orders"]) for row in answer["symbols"]] == [("ETH", 1), ("BTC", 3)]
    assert [row["symbol"] for row in call("get", "/api/liquidations/recent?hours=4").json()["symbols"]] == ["BTC"]


@pytest.mark.parametrize("hours", ["0", "25", "x"])
def test_it_looks_back_an_hour_to_a_day(hours: str, call: Call) -> None:
    assert call("get", f"/api/liquidations/recent?hours={hours}").status_code == 422


def test_it_says_how_fresh_the_data_are(call: Call, market: None) -> None:
    answer = call("get", "/api/data-status").json()
    assert (answer["liquidations"]["status"], answer["liquidations"]["rows"]) == ("ready", 4)
    assert (answer["oi"]["rows"], answer["oi"]["source"], answer["oi"]["simulated"]) == (1, "files", False)


def test_it_says_pending_before_anything_was_read(call: Call, settings: Settings) -> None:
    answer = call("get", "/api/data-status").json()
    assert answer["liquidations"]["status"] == "pending"
    assert answer["liquidations"]["last_updated"] is None


def test_it_refreshes_live_sources_only(call: Call, settings: Settings) -> None:
    assert call("post", "/api/refresh-data").json() == {"message": "Data refresh initiated"}
    settings.MARKET_DATA_SOURCE = "files"
    assert "files" in call("post", "/api/refresh-data").json()["message"]


@pytest.mark.parametrize(("name", "column"), [("liquidations", "usd_size"), ("oi", "openInterest")])
def test_it_offers_the_feeds_as_files(name: str, column: str, call: Call, market: None) -> None:
    answer = call("get", f"/download/{name}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert column in pd.read_csv(io.BytesIO(b"".join(answer))).columns
    assert call("get", "/download/everything").status_code == 404


def test_it_gives_a_data_set_as_csv_to_those_who_have_it(
    call: Call, strangers_call: Call, workspace: Workspace, olivia: User
) -> None:
    dataset_row(workspace, olivia, name="BTC/USDT bars")
    answer = call("get", "/download/testdata/BTC%2FUSDT%20bars")
    bars = pd.read_csv(io.BytesIO(b"".join(answer)), parse_dates=["datetime"])
    assert (len(bars), answer.headers["Content-Disposition"]) == (400, 'attachment; filename="BTC-USDT-bars.csv"')
    assert not answer.has_header("X-Market-Data-Source")
    assert strangers_call("get", "/download/testdata/BTC%2FUSDT%20bars").status_code == 404


def test_it_names_a_simulated_file_as_such(call: Call) -> None:
    dataset_row(None, name="Made up", is_simulated=True)
    answer = call("get", "/download/testdata/Made up")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="simulated-Made-up.csv"'
    assert answer.headers["X-Market-Data-Source"] == "simulated"
