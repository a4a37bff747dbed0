"""The values at a moment, by the formulas of the rules."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from alerts.aggregates import whales
from alerts.aggregates.reading import read_all, read_one
from alerts.models import WhaleCount
from alerts.rules.registry import RULES
from alerts.rules.shapes import Config
from tests.alerts.evaluation import conftest as write
from tests.alerts.evaluation.conftest import NOON, after, funding, liquidation, reading, store, total, trade

pytestmark = pytest.mark.usefixtures("files")


def value(kind: str, minutes: int, at: float = 0, **given: object) -> float | None:
    return read_one(Config(kind, 1.0, minutes, **given), after(at)).value  # type: ignore[arg-type]


def test_it_sums_liquidations_from_beyond_the_windows_start_to_the_moment_itself() -> None:
    rows = [liquidation(after(-15), 1), liquidation(after(-14.9), 2), liquidation(NOON, 4), liquidation(after(0.1), 8)]
    store("liquidations", *rows)
    assert value("liquidation_spike", 15) == 6
    assert value("liquidation_spike", 16) == 7


def test_it_knows_a_trades_moment_to_the_microsecond_in_every_zone() -> None:
    at = after(-1) + timedelta(microseconds=952_523)
    store("recent_txs", trade(at, 900))
    with timezone.override("Asia/Tokyo"):
        assert [found.time for found in read_one(Config("copybot_trade", 1.0, 15), NOON).trades] == [at]


def test_it_sums_liquidations_by_symbol_and_side() -> None:
    rows = [(1, "BTC", "SELL"), (2, "BTC", "BUY"), (4, "ETH", "SELL"), (8, "ETH", "BUY")]
    store("liquidations", *(liquidation(after(-1), usd, symbol, side) for usd, symbol, side in rows))
    assert value("liquidation_spike", 15, symbol="BTC") == 3
    assert value("liquidation_spike", 15, direction="long") == 5
    assert value("liquidation_spike", 15, symbol="ETH", direction="short") == 8
    assert value("liquidation_spike", 15, symbol="SOL") == 0


def test_it_reads_many_windows_and_symbols_at_once_as_one_by_one() -> None:
    store("liquidations", *(liquidation(after(-n * 7 - 0.5), n, "BTC" if n % 3 else "ETH") for n in range(300)))
    rule = RULES["liquidation_spike"]
    configs = [
        Config("liquidation_spike", 1.0, minutes, symbol, direction)
        for minutes in (1, 15, 60, 61, 1440, 10_080)
        for symbol in ("", "BTC", "ETH", "SOL")
        for direction in ("both", "long", "short")
    ]
    together = read_all([rule.aggregate_of(config) for config in configs], NOON)
    assert [together[rule.aggregate_of(config)] for config in configs] == [read_one(config, NOON) for config in configs]


def test_an_empty_window_is_zero_unless_the_feed_has_nothing(settings: Settings) -> None:
    settings.ALLOW_SIMULATED, settings.MARKET_DATA_SOURCE = True, "simulated"
    assert value("liquidation_spike", 15) is None
    store("liquidations", liquidation(after(-100), 5), source="simulated", read_at=NOON)
    config = Config("liquidation_spike", 1.0)
    for at, is_stale, is_lost in ((1, False, False), (1.1, True, False), (15.1, True, True)):
        found = read_one(config, after(at))
        assert (found.value, found.is_stale, found.is_lost) == (0, is_stale, is_lost)


def test_a_funding_rate_holds_until_the_next_row_and_a_day_at_most() -> None:
    store("funding", funding(NOON, 0.0005), funding(after(480), -0.0010), funding(after(960), 0.0001))
    assert value("funding_extreme", 15, at=-0.01) is None
    assert value("funding_extreme", 15, at=0) == 0.0005
    assert value("funding_extreme", 15, at=479) == 0.0005
    assert value("funding_extreme", 15, at=480) == 0.0010
    assert value("funding_extreme", 15, at=974) == 0.0010
    assert value("funding_extreme", 15, at=975) == 0.0001
    assert value("funding_extreme", 1, at=960 + 1440 + 0.5) == 0.0001
    assert value("funding_extreme", 1, at=960 + 1440 + 1) is None


def test_the_largest_funding_rate_counts_on_the_side_that_is_asked_for() -> None:
    store("funding", funding(after(-60), 0.0003), funding(after(-60), -0.0008, "ETH"))
    aggregate = read_one(Config("funding_extreme", 1.0), NOON)
    assert (aggregate.value, aggregate.facts) == (0.0008, {"rate": -0.0008, "largest_symbol": "ETH"})
    assert value("funding_extreme", 15, direction="long") == 0.0003
    assert value("funding_extreme", 15, direction="short", symbol="BTC") == 0


def test_open_interest_and_price_change_from_the_reading_in_force_a_window_ago() -> None:
    store("open_interest", reading(after(-61), 100, 50), reading(after(-30), 110, 40), reading(after(-1), 125, 45))
    assert value("open_interest_change", 60, symbol="BTCUSDT") == pytest.approx(25)
    assert value("open_interest_change", 20, symbol="BTCUSDT", direction="short") == pytest.approx(-100 * 15 / 110)
    assert value("price_move", 60, symbol="BTCUSDT") == pytest.approx(10)
    assert value("price_move", 60, symbol="BTCUSDT", direction="short") == pytest.approx(10)
    assert value("price_move", 62, symbol="BTCUSDT") is None
    assert value("price_move", 60, symbol="ETHUSDT") is None


def test_a_reading_holds_a_day_at_most() -> None:
    store("open_interest", reading(after(-1440), 100), reading(after(-1), 200))
    assert value("open_interest_change", 60, symbol="BTCUSDT") == pytest.approx(100)
    assert value("open_interest_change", 60, at=1438.9, symbol="BTCUSDT") == 0
    assert value("open_interest_change", 60, at=1439, symbol="BTCUSDT") is None


def test_without_a_symbol_the_whole_markets_open_interest_changes() -> None:
    store("open_interest_total", total(after(-70), 200), total(after(-2), 150))
    assert value("open_interest_change", 60) == pytest.approx(25)
    assert value("open_interest_change", 60, direction="long") == pytest.approx(-25)


def test_it_notes_each_change_of_the_number_of_whales_once() -> None:
    for minute, count in enumerate((5, 5, 7, 7)):
        store("whale_addresses", *write.whales(count), read_at=after(minute))
        whales.note()
    assert list(WhaleCount.objects.order_by("at").values_list("at", "count")) == [(NOON, 5), (after(2), 7)]
    assert value("whale_activity", 15, at=1.9) == 5
    assert value("whale_activity", 60, at=2) == 7


def test_it_reads_the_trades_of_the_window_largest_first() -> None:
    rows = [(-15, 9, "buy"), (-14, 3, "buy"), (-2, 5, "sell"), (-1, None, "buy"), (1, 7, "buy")]
    store("recent_txs", *(trade(after(minute), usd, side=side) for minute, usd, side in rows))
    aggregate = read_one(Config("copybot_trade", 1.0), NOON)
    assert [found.usd for found in aggregate.trades] == [5, 3]
    assert value("copybot_trade", 15, direction="long") == 3
    assert value("copybot_trade", 15, symbol="BONK") == 0


def test_rows_that_come_late_count_only_while_their_moment_is_in_the_window() -> None:
    store("liquidations", liquidation(after(-1), 10))
    store("liquidations", liquidation(after(-60), 5_000))
    assert value("liquidation_spike", 15) == 10
    assert value("liquidation_spike", 61) == 5_010


def test_only_the_served_source_is_read() -> None:
    store("liquidations", liquidation(after(-1), 10), source="venue")
    store("liquidations", liquidation(after(-1), 3))
    assert value("liquidation_spike", 15) == 3
