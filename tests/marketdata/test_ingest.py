"""The way in and what is known about it: versions, states, partitions, health."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from pytest_django import Settings

from marketdata.catalogue import FEEDS, LIQUIDATIONS
from marketdata.cells import micros
from marketdata.history import history_start
from marketdata.ingest import VERSIONS_KEPT, take_in, touch
from marketdata.models import FeedState, Funding, LiquidationSum, WhaleAddress
from marketdata.partitions import prepare_ahead, prepare_months
from marketdata.records import Funding as FundingRecord
from marketdata.records import Liquidation as LiquidationRecord
from marketdata.records import WhaleAddress as WhaleRecord
from marketdata.sources import source_of
from marketdata.state import health, read_state, state_of
from moondev.lib.clock import now

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("served_files")]
FUNDING, WHALES = FEEDS["funding"], FEEDS["whale_addresses"]


def rate(moment: datetime, symbol: str = "BTC") -> FundingRecord:
    return FundingRecord(micros(moment), f"{moment:%Y-%m-%d %H:%M:%S}", symbol, "0.00010000", "10.95")


def at(day: int, month: int = 3, year: int = 2026) -> datetime:
    return datetime(year, month, day, 8, tzinfo=UTC)


def partition_of(row: Funding) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM marketdata_funding WHERE id = %s", [row.pk])
        return str(cursor.fetchone()[0])


def test_it_counts_a_version_only_for_something_new() -> None:
    assert take_in(feed=FUNDING, source="files", rows=[rate(at(1))]).version == 1
    assert take_in(feed=FUNDING, source="files", rows=[rate(at(1))]).version == 1
    assert take_in(feed=FUNDING, source="files", rows=[rate(at(2))]).version == 2


def test_it_knows_a_feeds_span_and_size_without_a_look_at_its_rows() -> None:
    take_in(feed=FUNDING, source="files", rows=[rate(at(5)), rate(at(1)), rate(at(5), "ETH")])
    take_in(feed=FUNDING, source="files", rows=[rate(at(3)), rate(at(5))])
    state = read_state("files", "funding")
    assert (state.rows, state.oldest, state.newest) == (4, at(1), at(5))


def test_it_keeps_sources_apart() -> None:
    take_in(feed=FUNDING, source="files", rows=[rate(at(1))])
    take_in(feed=FUNDING, source="other", rows=[rate(at(1))])
    assert Funding.objects.count() == 2
    assert (read_state("files", "funding").rows, read_state("other", "funding").rows) == (1, 1)


def test_it_adds_each_liquidation_to_its_quarter_of_a_minute_once() -> None:
    def row(seconds: float, usd: str, side: str = "SELL", symbol: str = "BTC") -> LiquidationRecord:
        moment = at(1) + timedelta(seconds=seconds)
        return LiquidationRecord(micros(moment), symbol, side, "LIMIT", "IOC", "1", "1", "1", "FILLED", "1", "1", usd)

    first = [row(0, "1"), row(0.1, "2"), row(15, "4", "BUY", "ETH"), row(15.1, "8")]
    take_in(feed=LIQUIDATIONS, source="files", rows=first)
    take_in(feed=LIQUIDATIONS, source="other", rows=first)
    take_in(feed=LIQUIDATIONS, source="files", rows=[*first, row(7, "16"), row(-20, "32")])
    sums = LiquidationSum.objects.filter(source="files").order_by("time").values_list("time", "longs", "shorts")
    assert [((moment - at(1)).total_seconds(), longs, shorts) for moment, longs, shorts in sums] == [
        (-15, 32, 0), (0, 1, 0), (15, 18, 4), (30, 8, 0)
    ]  # fmt: skip


def test_it_forgets_versions_of_a_list_that_nobody_reads_any_more() -> None:
    for number in range(VERSIONS_KEPT + 3):
        take_in(feed=WHALES, source="files", rows=[WhaleRecord(f"0x{number}")])
    assert WhaleAddress.objects.count() == VERSIONS_KEPT


def test_it_stores_nothing_of_a_delivery_that_fails_on_the_way() -> None:
    def rows() -> list[FundingRecord]:
        raise ConnectionError("the source went away")

    with pytest.raises(ConnectionError), transaction.atomic():
        take_in(feed=FUNDING, source="files", rows=(row for _ in range(2) for row in rows()))
    assert Funding.objects.count() == 0


def test_it_puts_every_row_into_the_partition_of_its_month() -> None:
    take_in(feed=FUNDING, source="files", rows=[rate(at(1, month=month)) for month in (1, 2, 12)])
    names = [partition_of(row) for row in Funding.objects.order_by("time")]
    assert names == ["marketdata_funding_2026_01", "marketdata_funding_2026_02", "marketdata_funding_2026_12"]


def test_it_keeps_moments_beyond_reason_in_the_default_partition() -> None:
    take_in(feed=FUNDING, source="files", rows=[rate(at(1, year=1995))])
    assert partition_of(Funding.objects.get()) == "marketdata_funding_default"


def test_it_makes_the_partitions_of_the_coming_months_once() -> None:
    assert prepare_ahead(datetime(2051, 12, 31, tzinfo=UTC)) == 3 * 6
    assert prepare_ahead(datetime(2051, 12, 31, tzinfo=UTC)) == 0


def test_it_leaves_a_month_in_the_default_partition_that_has_rows_there() -> None:
    Funding.objects.create(
        source="files", time=at(1, year=2061), time_text="", symbol="BTC", funding_rate="1", yearly_funding_rate="1"
    )
    assert prepare_months(FUNDING, [(2061, 3)]) == 0
    take_in(feed=FUNDING, source="files", rows=[rate(at(2, year=2061))])
    assert Funding.objects.filter(time__year=2061).count() == 2


def test_history_counts_back_from_the_newest_row() -> None:
    take_in(feed=FUNDING, source="files", rows=[rate(at(1)), rate(at(20))])
    assert history_start("funding", 7) == at(13)
    assert history_start("funding", None) is None


def test_history_of_a_feed_without_rows_and_of_a_list_has_no_start() -> None:
    take_in(feed=WHALES, source="files", rows=[WhaleRecord("0xa")])
    assert history_start("funding", 7) is None
    assert history_start("whale_addresses", 7) is None


def test_health_tells_fresh_from_stale_for_a_live_source(settings: Settings) -> None:
    settings.MARKET_DATA_SOURCE = "simulated"
    assert health().status == "empty"
    take_in(feed=FUNDING, source="simulated", rows=[rate(at(1))])
    assert health().status == "fresh"
    touch(source="simulated", feed="funding", read_at=now() - timedelta(minutes=5))
    stale = health()
    assert (stale.status, stale.age_sec is not None and stale.age_sec >= 300) == ("stale", True)


def test_imported_files_do_not_become_stale() -> None:
    take_in(feed=FUNDING, source="files", rows=[rate(at(1))], read_at=now() - timedelta(days=30))
    assert health().status == "fresh"


def test_a_state_is_new_as_soon_as_rows_came_in() -> None:
    assert state_of("funding").version == 0
    take_in(feed=FUNDING, source="files", rows=[rate(at(1))])
    assert state_of("funding").version == 1
    assert FeedState.objects.count() == 1


def test_an_unknown_source_is_named_with_those_that_exist() -> None:
    with pytest.raises(ImproperlyConfigured, match="files, simulated"):
        source_of("nobody")
