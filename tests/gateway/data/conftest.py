"""A caller on each plan, and a request of theirs straight to the view, as the gate would let it in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from billing.models import Plan
from billing.principal import DEFAULT_SCOPES, Principal
from gateway.data.cache import bodies
from gateway.data.views import CopybotView, FileView
from gateway.gate.visit import GatedRequest
from marketdata import state
from marketdata.catalogue import FEEDS
from marketdata.cells import moment_us
from marketdata.ingest import take_in
from marketdata.records import Liquidation

Ask = Callable[..., HttpResponseBase]
NEWEST = "2026-03-01T12:00:00Z"
DAY_US = 86_400_000_000


@pytest.fixture(autouse=True)
def _no_memory() -> Iterator[None]:
    state.forget()
    bodies.clear()
    yield
    state.forget()
    bodies.clear()


def asked_by(*, plan: str, address: str, method: str = "GET", **headers: Any) -> HttpRequest:
    """A request as the gate lets it in: `request.auth` is a caller on this plan."""
    request = cast(GatedRequest, RequestFactory().generic(method, f"/files/{address}", **headers))
    terms = Plan.objects.get(name=plan).terms()
    request.auth = Principal(1, "olivia-co", terms, frozenset(DEFAULT_SCOPES), terms.requests_per_minute)
    return request


@pytest.fixture
def ask(db: None) -> Ask:
    """`ask("liq_data.csv?limit=5", plan="pro", HTTP_RANGE="bytes=0-9")`: the answer to a caller on a plan."""

    def get(address: str, *, plan: str = "enterprise", **headers: Any) -> HttpResponseBase:
        name = address.split("?")[0]
        view = CopybotView if name in CopybotView.catalogue else FileView
        return view.as_view()(asked_by(plan=plan, address=address, **headers), name=name)

    return get


def content(response: HttpResponseBase) -> bytes:
    """The whole body of an answer, streamed or not."""
    if isinstance(response, StreamingHttpResponse):
        return b"".join(response)
    return cast(HttpResponse, response).content


def row(number: int, *, symbol: str = "BTC", days_ago: float = 0.0) -> Liquidation:
    """A liquidation that many days (and `number` milliseconds less) before the newest moment."""
    moment = moment_us(NEWEST) - int(days_ago * DAY_US) - 1_000_000 + number * 1000
    return Liquidation(
        moment,
        symbol,
        "SELL",
        "LIMIT",
        "IOC",
        "0.040",
        "90399.20",
        "90759.50",
        "FILLED",
        "0.020",
        "0.040",
        f"{number}.50",
    )


@pytest.fixture
def stored(db: None, settings: Settings) -> None:
    """Forty rows of today, one of ten days ago, one of a hundred days ago."""
    settings.MARKET_DATA_SOURCE = "files"
    old = [row(1, symbol="OLD", days_ago=100), row(2, symbol="币安人生", days_ago=10)]
    today = [row(number, symbol="BTC" if number % 2 else "ETH") for number in range(40)]
    take_in(feed=FEEDS["liquidations"], source="files", rows=[*today, *old])


@pytest.fixture
def real_data() -> Path:
    """The folder of real market data; a test that needs it is skipped where it is not named."""
    folder = os.environ.get("REAL_DATA_DIR")
    if not folder:
        pytest.skip("REAL_DATA_DIR is not set")
    return Path(folder)
