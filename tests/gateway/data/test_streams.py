"""Large answers: whole, in order, in bounded memory, and never a part that looks like the whole."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from gateway.data.query import FORMATS
from gateway.data.views import FileView
from marketdata.catalogue import FEEDS
from marketdata.ingest import take_in
from marketdata.reading import PAGE_ROWS, Selection, pages
from marketdata.records import Liquidation
from marketdata.state import state_of
from moondev.lib.errors import Unavailable
from tests.gateway.data.conftest import Ask, asked_by, content

pytestmark = pytest.mark.slow(1)

ROWS = 2 * PAGE_ROWS + 5_000
FIRST_US = 1_765_000_000_000_000
LIQUIDATIONS = FEEDS["liquidations"]


def many(count: int, first: int = 0) -> Iterator[Liquidation]:
    """Liquidations half a second apart, so that they lie in more than one page; every third shares its moment."""
    for number in range(first, first + count):
        moment = FIRST_US + (number - (number % 3 == 2)) * 500_000
        order = ("1", "0.4405000", "0.4454705", "FILLED", "1", "1")
        yield Liquidation(moment, "BTC", "SELL", "LIMIT", "IOC", *order, f"{number}.5")


@pytest.fixture
def stored_pages(db: None, settings: Settings) -> None:
    settings.MARKET_DATA_SOURCE = "files"
    take_in(feed=LIQUIDATIONS, source="files", rows=many(ROWS))


def numbers(body: bytes) -> list[int]:
    return [int(line.rsplit(b",", 1)[1].removesuffix(b".5")) for line in body.splitlines()[1:]]


@pytest.mark.slow
@pytest.mark.usefixtures("stored_pages")
def test_it_gives_exactly_the_last_rows_in_order(ask: Ask) -> None:
    for limit in (PAGE_ROWS, PAGE_ROWS + 1, 2 * PAGE_ROWS, ROWS - 1, ROWS, 1_000_000):
        body = content(ask(f"liq_data.csv?limit={limit}"))
        assert numbers(body) == list(range(max(0, ROWS - limit), ROWS))
    assert numbers(content(ask("liq_data.csv?limit=1000000&symbol=ETH"))) == []


@pytest.mark.slow
@pytest.mark.usefixtures("stored_pages")
def test_it_packs_and_cuts_a_stream_like_a_small_answer(ask: Ask) -> None:
    whole = content(ask("liq_data.csv?limit=1000000"))
    zipped = ask("liq_data.csv?limit=1000000", HTTP_ACCEPT_ENCODING="gzip")
    assert gzip.decompress(content(zipped)) == whole
    part = ask("liq_data.csv?limit=1000000", HTTP_RANGE=f"bytes={len(whole) - 100}-")
    assert content(part) == whole[-100:]
    assert part["Content-Range"] == f"bytes {len(whole) - 100}-{len(whole) - 1}/{len(whole)}"


@pytest.mark.usefixtures("stored_pages")
def test_it_does_not_read_a_large_file_to_answer_head(ask: Ask) -> None:
    head = ask("liq_data.csv?limit=1000000", method="HEAD")
    assert (content(head), head.has_header("Content-Length")) == (b"", False)


@pytest.mark.usefixtures("stored_pages")
def test_it_leaves_out_rows_that_come_in_while_it_streams() -> None:
    stream = pages(Selection(LIQUIDATIONS, state_of("liquidations"), 1_000_000), "lines")
    body = next(stream)
    take_in(feed=LIQUIDATIONS, source="files", rows=many(10, first=ROWS))
    body += b"".join(stream)
    assert body.count(b"\n") == ROWS


def test_it_holds_no_connection_between_two_pages(transactional_db: None, settings: Settings) -> None:
    settings.MARKET_DATA_SOURCE = "files"
    take_in(feed=LIQUIDATIONS, source="files", rows=many(ROWS))
    stream = pages(Selection(LIQUIDATIONS, state_of("liquidations"), 1_000_000), "lines")
    next(stream)
    assert connection.connection is None


@pytest.mark.slow
@pytest.mark.usefixtures("stored_pages")
def test_it_needs_a_few_pages_of_memory_in_every_format(ask: Ask) -> None:
    for kind in FORMATS:
        tracemalloc.start()
        size = sum(len(block) for block in ask(f"liq_data.csv?limit={ROWS}&format={kind}"))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 32 * 1024 * 1024, kind
        assert size > 100_000


@pytest.mark.usefixtures("stored_pages")
def test_it_announces_the_length_so_that_a_broken_connection_shows(ask: Ask) -> None:
    for headers in ({}, {"HTTP_ACCEPT_ENCODING": "gzip"}):
        response = ask("liq_data.csv?limit=1000000", **headers)
        assert int(response["Content-Length"]) == len(content(response))


@pytest.mark.usefixtures("stored_pages")
def test_it_answers_503_rather_than_half_a_file_when_the_database_fails() -> None:
    state_of("liquidations")
    request = asked_by(plan="enterprise", address="liq_data.csv?limit=1000000")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1")
    with pytest.raises(Unavailable) as failure, transaction.atomic():
        FileView.as_view()(request, name="liq_data.csv")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
    assert failure.value.headers["Retry-After"] == "5"
