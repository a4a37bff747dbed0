"""The simulated market: the same every time, shaped like a venue's, filled in quickly and kept up."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from pytest_django import Settings

from marketdata import live
from marketdata.catalogue import FEEDS
from marketdata.models import FeedState, Liquidation
from marketdata.records import Liquidation as Record
from marketdata.sources.simulated import SimulatedSource
from marketdata.state import health, read_state

pytestmark = pytest.mark.slow(0.3)

NOON = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def source() -> SimulatedSource:
    return SimulatedSource(seed=7)


def hours(source: SimulatedSource, count: int) -> list[Record]:
    rows = source.read("liquidations", after=NOON - timedelta(hours=count), until=NOON)
    return [row for row in rows if isinstance(row, Record)]


def test_it_gives_the_same_minute_however_it_is_asked_for(source: SimulatedSource) -> None:
    middle = NOON - timedelta(seconds=47)
    whole = list(source.read("liquidations", after=NOON - timedelta(minutes=5), until=NOON))
    first = list(source.read("liquidations", after=NOON - timedelta(minutes=5), until=middle))
    second = list(SimulatedSource(seed=7).read("liquidations", after=middle, until=NOON))
    assert first + second == whole
    assert whole != list(SimulatedSource(seed=8).read("liquidations", after=NOON - timedelta(minutes=5), until=NOON))


def test_it_is_shaped_like_a_venues_stream(source: SimulatedSource) -> None:
    rows = hours(source, 48)
    symbols = {row.symbol for row in rows}
    assert 0.90 < sum(row.side == "SELL" for row in rows) / len(rows) < 0.92
    assert 170 < median(float(row.usd_size) for row in rows) < 230
    assert 500 < len(symbols) <= 550
    assert {"BTC", "BTCUSDC", "BTC_260327"} < symbols
    assert any(not symbol.isascii() for symbol in symbols)


def test_it_has_quiet_minutes_and_bursts(source: SimulatedSource) -> None:
    counts = Counter(row.time_us // 60_000_000 for row in hours(source, 48)).values()
    assert min(counts) < 5 < 100 < max(counts)


def test_it_ties_size_and_price_to_the_symbol(source: SimulatedSource) -> None:
    for row in hours(source, 2):
        assert float(row.usd_size) == float(row.order_filled_accumulated_quantity) * float(row.price)
    prices = [float(row.price) for row in hours(source, 48) if row.symbol in ("BTC", "BTCUSDC", "BTC_260327")]
    assert max(prices) / min(prices) < 1.2


@pytest.mark.parametrize("feed", FEEDS)
def test_it_gives_every_feed_records_of_its_own(source: SimulatedSource, feed: str) -> None:
    rows = list(source.read(feed, after=None, until=NOON)) if feed != "liquidations" else hours(source, 1)
    assert rows
    assert {type(row) for row in rows} == {FEEDS[feed].record}


def test_it_has_funding_in_what_a_fresh_database_reads_first_at_any_hour(source: SimulatedSource) -> None:
    for hour in range(24):
        moment = NOON + timedelta(hours=hour)
        assert list(source.read("funding", after=moment - live.LATELY, until=moment))


@pytest.mark.slow
def test_it_fills_a_fresh_database_with_a_hundred_thousand_rows_on_any_day(source: SimulatedSource) -> None:
    for day in range(0, 120, 10):
        until = NOON + timedelta(days=day)
        assert sum(1 for _ in source.read("liquidations", after=None, until=until)) > 100_000


def test_it_states_funding_as_a_fraction_and_percent_a_year(source: SimulatedSource) -> None:
    rows = list(source.read("funding", after=NOON - timedelta(days=1), until=NOON))
    assert {row.time_us // 3_600_000_000 % 24 for row in rows} == {0, 8, 16}  # type: ignore[union-attr]
    for row in rows:
        assert float(row.yearly_funding_rate) == float(row.funding_rate) * 3 * 365 * 100  # type: ignore[union-attr]


def test_it_catches_up_within_bounds_after_a_long_pause(source: SimulatedSource) -> None:
    rows = source.read("liquidations", after=NOON - timedelta(days=400), until=NOON)
    moments = [row.time_us for row in rows]  # type: ignore[union-attr]
    assert 100_000 < len(moments) < 250_000
    assert moments == sorted(moments)
    assert NOON.timestamp() * 1e6 - moments[0] < timedelta(days=121).total_seconds() * 1e6


@pytest.mark.slow
@pytest.mark.django_db
def test_it_fills_a_fresh_database_and_then_adds_what_is_new(settings: Settings) -> None:
    settings.MARKET_DATA_SOURCE = "simulated"
    assert health().status == "empty"
    live.read_source()
    state = read_state("simulated", "liquidations")
    assert state.rows >= 120_000
    assert state.oldest is not None
    assert state.newest is not None
    assert state.newest - state.oldest > timedelta(days=90)
    assert FeedState.objects.filter(source="simulated", rows__gt=0).count() == len(FEEDS)
    assert live.read_source() < 1_000
    assert Liquidation.objects.filter(source="simulated").count() == read_state("simulated", "liquidations").rows
    assert health().status == "fresh"
