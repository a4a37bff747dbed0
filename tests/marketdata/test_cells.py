"""Cells: what is accepted comes out as it went in, and everything else is refused with a reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from marketdata.arrivals import MOMENT
from marketdata.catalogue import FEEDS, Column, Kind
from marketdata.cells import BadCell, micros, moment_us, read_cell
from marketdata.sources.files.formats import CatalogueFormat
from marketdata.sources.files.lines import Line
from marketdata.symbols import symbol_forms
from moondev.lib import clock

NUMBER = Column("price", "exact", "price")
EXACT = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=9)


@given(EXACT)
def test_it_keeps_the_text_of_every_number(number: Decimal) -> None:
    assert read_cell(NUMBER, f"{number:f}") == f"{number:f}"


@given(st.text(max_size=80))
def test_it_takes_any_text_for_a_number_or_refuses_it(text: str) -> None:
    try:
        value = read_cell(NUMBER, text)
    except BadCell:
        return
    assert Decimal(str(value)).is_finite()
    assert len(f"{Decimal(str(value)):f}") < 200


@given(st.binary(max_size=300), st.sampled_from(sorted(FEEDS)))
def test_it_never_fails_on_a_line_in_any_other_way(raw: bytes, feed: str) -> None:
    try:
        ((found, record),) = CatalogueFormat(FEEDS[feed]).read(Line(2, raw).cells())
    except BadCell:
        return
    assert found is FEEDS[feed]
    assert isinstance(record, FEEDS[feed].record)


@pytest.mark.django_db
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.datetimes(datetime(1990, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_it_keeps_every_moment_to_the_microsecond(moment: datetime) -> None:
    assert moment_us(moment.isoformat()) == micros(moment)
    with connection.cursor() as cursor:
        query = sql.SQL("SELECT {} FROM (SELECT {}::bigint AS time) AS arrived")
        cursor.execute(query.format(MOMENT, sql.Literal(micros(moment))))
        assert cursor.fetchone() == (moment,)


@pytest.mark.parametrize(
    "text", ["2025-12-11", "2025-12-11T00:00:00Z", "2025-12-11 01:00:00+01:00", "1765411200", "1765411200000"]
)
def test_it_reads_a_moment_in_every_form(text: str) -> None:
    assert moment_us(text) == 1_765_411_200_000_000


@pytest.mark.parametrize("text", ["", "noon", "2025-13-01", "-1", "2025-12-11T00:00:00.000000+01:00:00.000001"])
def test_it_refuses_what_is_no_moment(text: str) -> None:
    with pytest.raises(BadCell):
        moment_us(text)


UNREAL = ["17654169839180", "99999999999", "100000000", "100000000000", "0001-01-01", "1989-12-31", "9999-12-31"]


@pytest.mark.parametrize("text", UNREAL)
def test_it_refuses_a_moment_that_cannot_have_been(text: str) -> None:
    with pytest.raises(BadCell, match="between 1990 and a day from now"):
        moment_us(text)


@pytest.mark.parametrize(("kind", "unit"), [("epoch_ms", 1000), ("epoch_s", 1_000_000)])
def test_it_takes_epochs_from_1990_to_a_day_from_now(kind: Kind, unit: int) -> None:
    column, day = Column("time", kind, "time"), timedelta(days=1)
    for moment in (datetime(1990, 1, 1, tzinfo=UTC), clock.now() + day - timedelta(minutes=1)):
        assert read_cell(column, str(micros(moment) // unit)) == micros(moment) // unit * unit
    for moment in (datetime(1989, 12, 31, tzinfo=UTC), clock.now() + day + timedelta(minutes=1)):
        with pytest.raises(BadCell, match="between 1990 and a day from now"):
            read_cell(column, str(micros(moment) // unit))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "a b", 'a"b', "a,b", "", "x" * 41, "a\x00b"])
def test_it_refuses_what_is_no_symbol(text: str) -> None:
    with pytest.raises(BadCell):
        read_cell(FEEDS["liquidations"].columns[0], text)


@pytest.mark.parametrize("text", ["BTC", "BTCUSDC", "BTC_260327", "币安人生", "1000PEPE", "4"])
def test_it_takes_every_symbol_of_a_venue(text: str) -> None:
    assert read_cell(FEEDS["liquidations"].columns[0], text) == text


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("btc-usdt", "BTC"),
        ("BTCUSDC", "BTCUSDC"),
        ("BTC_260327", "BTC_260327"),
        ("USDT", "USDT"),
        ("ETH-USDT-SWAP", "ETH"),
    ],
)
def test_it_finds_the_stored_form_of_a_typed_symbol(typed: str, stored: str) -> None:
    assert stored in symbol_forms(typed)


def test_it_keeps_contracts_in_other_coins_apart() -> None:
    assert "BTC" not in symbol_forms("BTCUSDC")
    assert "BTC" not in symbol_forms("BTC_260327")
