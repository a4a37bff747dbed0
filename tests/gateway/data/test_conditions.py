"""What a client holds already, which part it wants and how it may be packed."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from marketdata.catalogue import FEEDS
from marketdata.ingest import take_in
from moondev.lib.errors import RangeNotSatisfiable
from tests.gateway.data.conftest import Ask, content, row

pytestmark = pytest.mark.usefixtures("stored")


def test_it_answers_304_without_a_query_to_whoever_has_it(
    ask: Ask, django_assert_num_queries: Callable[..., object]
) -> None:
    etag = ask("liq_data.csv?limit=5")["ETag"]
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        # The one query is the test's own, for the plan.
        response = ask("liq_data.csv?limit=5", HTTP_IF_NONE_MATCH=f'"other", W/{etag}')
    assert (response.status_code, content(response), response["ETag"]) == (304, b"", etag)


def test_it_answers_again_from_memory(ask: Ask, django_assert_num_queries: Callable[..., object]) -> None:
    first = content(ask("liq_data.csv?limit=5"))
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert content(ask("liq_data.csv?limit=5")) == first


def test_it_has_another_etag_for_other_rows_plans_and_forms(ask: Ask) -> None:
    addresses = ["?limit=5", "?limit=6", "?limit=5&header=0", "?limit=5&format=json", "?limit=5&symbol=BTC"]
    etags = {ask(f"liq_data.csv{address}")["ETag"] for address in addresses} | {
        ask("liq_data.csv?limit=5", plan="free")["ETag"]
    }
    assert len(etags) == 6


def test_it_keeps_the_etag_until_something_new_comes_in(ask: Ask) -> None:
    before = ask("liq_data.csv?limit=5")["ETag"]
    take_in(feed=FEEDS["liquidations"], source="files", rows=[row(39)])
    assert ask("liq_data.csv?limit=5")["ETag"] == before
    take_in(feed=FEEDS["liquidations"], source="files", rows=[row(40)])
    assert ask("liq_data.csv?limit=5")["ETag"] != before


def test_it_answers_head_like_get_without_the_body(ask: Ask) -> None:
    whole, head = ask("liq_data.csv"), ask("liq_data.csv", method="HEAD")
    assert (head.status_code, content(head)) == (200, b"")
    assert (head["Content-Length"], head["ETag"]) == (str(len(content(whole))), whole["ETag"])


@pytest.mark.parametrize(
    ("asked", "start", "end"), [("0-9", 0, 10), ("100-", 100, None), ("-20", -20, None), ("5-99999", 5, None)]
)
def test_it_gives_the_part_that_is_asked_for(ask: Ask, asked: str, start: int, end: int | None) -> None:
    whole = content(ask("liq_data.csv"))
    response = ask("liq_data.csv", HTTP_RANGE=f"bytes={asked}")
    part = whole[start:end]
    first = start if start >= 0 else len(whole) + start
    assert (response.status_code, content(response)) == (206, part)
    assert response["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=999999-", "bytes=-0", "bytes=9-5"])
def test_it_refuses_a_part_that_is_not_there(ask: Ask, asked: str) -> None:
    with pytest.raises(RangeNotSatisfiable) as refusal:
        ask("liq_data.csv", HTTP_RANGE=asked)
    assert refusal.value.headers["Content-Range"].startswith("bytes */")


@pytest.mark.parametrize(
    "headers", [{"HTTP_RANGE": "bytes=0-1,5-6"}, {"HTTP_RANGE": "bytes=0-1", "HTTP_IF_RANGE": '"old"'}]
)
def test_it_gives_the_whole_where_a_part_would_not_fit(ask: Ask, headers: dict[str, str]) -> None:
    assert ask("liq_data.csv", **headers).status_code == 200


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br", "deflate, gzip;q=0.5"])
def test_it_compresses_for_whoever_takes_it(ask: Ask, accepted: str) -> None:
    plain, zipped = ask("liq_data.csv"), ask("liq_data.csv", HTTP_ACCEPT_ENCODING=accepted)
    assert zipped["Content-Encoding"] == "gzip"
    assert gzip.decompress(content(zipped)) == content(plain)
    assert zipped["ETag"] != plain["ETag"]
    assert zipped["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "*;q=0"])
def test_it_does_not_compress_for_whoever_does_not(ask: Ask, accepted: str) -> None:
    assert not ask("liq_data.csv", HTTP_ACCEPT_ENCODING=accepted).has_header("Content-Encoding")
