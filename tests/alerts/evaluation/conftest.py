"""Short series that tests write, and alerts on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from accounts.models import Workspace
from alerts.models import Alert
from marketdata import state
from marketdata.catalogue import FEEDS
from marketdata.cells import micros
from marketdata.ingest import take_in
from marketdata.records import (
    CopybotTrade,
    Funding,
    Liquidation,
    OpenInterest,
    OpenInterestTotal,
    Record,
    WhaleAddress,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MakeAlert = Callable[..., Alert]


@pytest.fixture(autouse=True)
def _no_memory() -> Iterator[None]:
    state.forget()
    yield
    state.forget()


@pytest.fixture
def files(db: None, settings: Settings) -> None:
    """Imported files are served: they never go stale."""
    settings.MARKET_DATA_SOURCE = "files"


@pytest.fixture
def make_alert(workspace: Workspace) -> MakeAlert:
    """An alert of olivia's workspace: a liquidation spike of 1,000 USD in 15 minutes unless it says otherwise."""

    def make(**values: object) -> Alert:
        given = {"workspace": workspace, "kind": "liquidation_spike", "threshold": 1000.0, "phase_since": NOON}
        return Alert.objects.create(**(given | values))

    return make


def after(minutes: float, start: datetime = NOON) -> datetime:
    return start + timedelta(minutes=minutes)


def store(feed: str, *rows: Record, source: str = "files", read_at: datetime | None = None) -> None:
    take_in(feed=FEEDS[feed], source=source, rows=rows, read_at=read_at)


def liquidation(at: datetime, usd: float, symbol: str = "BTC", side: str = "SELL") -> Liquidation:
    return Liquidation(
        micros(at), symbol, side, "LIMIT", "IOC", "1", "1", "1", "FILLED", "1", "1", f"{usd:.8f}"
    )  # fmt: skip


def funding(at: datetime, rate: float, symbol: str = "BTC") -> Funding:
    return Funding(micros(at), f"{at}", symbol, f"{rate:.8f}", f"{rate * 3 * 365 * 100:.8f}")


def reading(at: datetime, coins: float, price: float = 100.0, symbol: str = "BTCUSDT") -> OpenInterest:
    return OpenInterest(micros(at), symbol, f"{coins:.8f}", f"{price:.8f}")


def total(at: datetime, usd: float) -> OpenInterestTotal:
    return OpenInterestTotal(micros(at), f"{at}", f"{usd:.8f}", None, None)


def trade(at: datetime, usd: float | None, symbol: str = "WIF", side: str = "buy", wallet: str = "w1") -> CopybotTrade:
    value = None if usd is None else f"{usd:.8f}"
    return CopybotTrade(micros(at), wallet, "c1", symbol, side, "1", value, "https://birdeye.so/token/c1")


def whales(count: int) -> list[WhaleAddress]:
    return [WhaleAddress(f"0x{number:040x}") for number in range(count)]
