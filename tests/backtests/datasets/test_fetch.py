"""`manage.py fetch_dataset` against an exchange on this machine that has limits and bad moments."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import CommandError, call_command
from freezegun import freeze_time
from pytest_django import Settings

from accounts.models import Workspace
from backtests.datasets import fetch as fetching
from backtests.datasets import frames
from backtests.datasets.inside import framed
from backtests.models import Dataset, Source
from tests.fakes.taker import Reply, Request, Taker, reply

HOUR = timedelta(hours=1)
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
MARKET = {
    "id": "BTC-USD", "base_currency": "BTC", "quote_currency": "USD", "quote_increment": "0.01",
    "base_increment": "0.00000001", "display_name": "BTC-USD", "min_market_funds": "1", "status": "online",
    "post_only": False, "limit_only": False, "cancel_only": False, "trading_disabled": False,
}  # fmt: skip
PAGE = 300


def candles(request: Request, silent: range) -> Reply:
    """Bars of an hour from 2024 on, without an end, at most 300 at a time and the newest first.

    As the real one it looks at so many hours and leaves out those without a trade.
    """
    asked = parse_qs(urlsplit(request.path).query)
    start = max(FIRST, datetime.fromisoformat(asked["start"][0].replace("Z", "+00:00")))
    end = datetime.fromisoformat(asked["end"][0].replace("Z", "+00:00"))
    hours = range(min(PAGE, int((end - start) / HOUR) + 1))
    rows: list[Any] = []
    for hour in hours:
        number = int((start - FIRST) / HOUR) + hour
        if number in silent:
            continue
        rows.append([int((start + hour * HOUR).timestamp()), 99 + number, 102 + number, 100 + number, 101 + number, 5])
    return reply(200, rows[::-1])


def answer(request: Request, silent: range) -> Reply:
    if re.match(r"/products/BTC-USD/candles", request.path):
        return candles(request, silent)
    return reply(200, [MARKET] if request.path.startswith("/products") else [])


class Exchange(Taker):
    """`stumbles` holds answers that come before the first bars, `silent` hours in which nobody traded."""

    def __init__(self) -> None:
        super().__init__()
        self.stumbles: list[Reply] = []
        self.silent = range(0)

    def answer(self, request: Request) -> Reply:
        if self.stumbles and "/candles" in request.path:
            return self.stumbles.pop()
        return answer(request, self.silent)


@pytest.fixture
def exchange(settings: Settings) -> Iterator[Exchange]:
    with Exchange() as server:
        settings.OUTBOUND_ROUTES = {"api.exchange.coinbase.com": server.place}
        yield server


def fetch(*options: str, symbol: str = "BTC/USD", timeframe: str = "1h") -> str:
    told = io.StringIO()
    with freeze_time("2024-02-10 12:30:00"):
        call_command(
            "fetch_dataset", "coinbaseexchange", symbol, timeframe, "--since", "2024-01-01", *options, stdout=told
        )
    return told.getvalue()


@pytest.mark.slow
@pytest.mark.django_db
def test_it_fetches_page_by_page_up_to_the_last_bar_that_is_over(exchange: Exchange) -> None:
    said = fetch("--name", "Coins")
    assert said.endswith("Stored Coins: 972 bars, 2024-01-01 00:00 to 2024-02-10 11:00 UTC.\nFaults: none.\n")
    found = Dataset.objects.get(name="Coins")
    assert (found.source, found.workspace, found.symbol) == (Source.FETCHED, None, "BTC")
    assert (found.first, found.last) == (FIRST, datetime(2024, 2, 10, 11, tzinfo=UTC))
    assert found.rows == int((found.last - found.first) / HOUR) + 1
    assert found.provenance["exchange"] == "coinbaseexchange"
    assert framed.frame_of(frames.arrays(found))["Open"].tolist() == [float(100 + hour) for hour in range(found.rows)]
    assert sum("/candles" in request.path for request in exchange.requests) == 4


@pytest.mark.slow
@pytest.mark.django_db
def test_it_waits_out_a_limit_and_gives_one_workspace_its_own(exchange: Exchange, workspace: Workspace) -> None:
    exchange.stumbles = [reply(429, {"message": "Slow down"}), reply(502, {"message": "Bad gateway"})]
    fetch("--until", "2024-01-05", "--workspace", workspace.slug)
    found = Dataset.objects.get()
    assert (found.workspace, found.rows, found.name) == (workspace, 4 * 24 + 1, "BTCUSD 1h coinbaseexchange")


@pytest.mark.slow
@pytest.mark.django_db
def test_it_steps_over_a_silence_longer_than_a_page_and_stores_gaps_that_were_accepted(exchange: Exchange) -> None:
    exchange.silent = range(100, 800)
    with pytest.raises(CommandError, match=r"700 x missing\. Nobody could decide .* Add --accept"):
        fetch()
    assert not Dataset.objects.exists()
    assert "Faults: 700 x missing.\n" in fetch("--accept")
    found = Dataset.objects.get()
    assert (found.rows, found.needs_decision, found.accepted_at is None) == (972 - 700, False, False)


@pytest.mark.slow
@pytest.mark.django_db
def test_it_leaves_the_decision_to_the_workspace_or_repairs(exchange: Exchange, workspace: Workspace) -> None:
    exchange.silent = range(20, 23)
    assert "3 x missing. The workspace accepts or repairs them" in fetch("--workspace", workspace.slug)
    assert Dataset.objects.get(workspace=workspace).needs_decision
    fetch("--repair", "--fill-gaps")
    found = Dataset.objects.get(workspace=None)
    assert (found.rows, found.needs_decision, found.accepted_at) == (972, False, None)
    assert found.provenance["repaired"] == ["3 missing bars filled, flat and without volume."]


@pytest.mark.slow
@pytest.mark.django_db
def test_it_says_where_it_was_cut_off(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MOST_BARS", 400)
    assert (
        "Cut off: a data set holds 400 bars. The rest is fetched as another one, with --since 2024-01-17T16:00"
        in fetch()
    )
    found = Dataset.objects.get()
    assert (found.rows, found.last) == (400, datetime(2024, 1, 17, 15, tzinfo=UTC))


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("symbol", "timeframe", "options", "says"),
    [
        ("NO/SUCH", "1h", (), "no market 'NO/SUCH'"),
        ("BTC/USD", "7h", (), "has bars of 1m"),
        ("BTC/USD", "1h", ("--workspace", "nobody"), "no open workspace 'nobody'"),
        ("BTC/USD", "1h", ("--until", "2023-12-31"), "has no bars"),
        ("BTC/USD", "1h", ("--fill-gaps",), "goes with --repair"),
    ],
)
def test_it_says_what_cannot_be_had(
    symbol: str, timeframe: str, options: tuple[str, ...], says: str, exchange: Exchange
) -> None:
    with pytest.raises(CommandError, match=says):
        fetch(*options, symbol=symbol, timeframe=timeframe)
    assert not Dataset.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db
def test_it_gives_up_with_a_clear_line_on_an_exchange_that_is_away(settings: Settings) -> None:
    settings.OUTBOUND_ROUTES = {"api.exchange.coinbase.com": "127.0.0.1:9"}
    with pytest.raises(CommandError, match="could not be reached"):
        fetch()
