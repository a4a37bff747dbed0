"""What the tests of alerts' services and calls share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Member, Role, User, Workspace
from alerts import services
from alerts.models import Alert
from billing.models import Entitlement
from gateway.keys import records
from gateway.keys.services import create_key
from marketdata import state
from marketdata.catalogue import FEEDS
from marketdata.ingest import take_in
from marketdata.records import Record, WhaleAddress
from tests.alerts.evaluation.conftest import funding, liquidation, reading, trade
from tests.cast import person

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DISCORD = "https://discord.com/api/webhooks/123456789012345678/" + "t" * 68
SPIKE: dict[str, Any] = {"type": "liquidation_spike", "threshold": 1_000_000.0}
Call = Callable[..., Any]
Make = Callable[..., Alert]


@pytest.fixture(autouse=True)
def _no_memory() -> Iterator[None]:
    state.forget()
    records.forget_all()
    yield
    state.forget()
    records.forget_all()


@pytest.fixture
def market(db: None, settings: Settings) -> None:
    """A little of each feed that alerts watch."""
    settings.MARKET_DATA_SOURCE = "files"
    store_in("liquidations", liquidation(NOON, 5000.0), liquidation(NOON, 700.0, symbol="ETH"))
    store_in("funding", funding(NOON, 0.0001))
    store_in("open_interest", reading(NOON - timedelta(hours=1), 100.0), reading(NOON, 120.0))
    store_in("recent_txs", trade(NOON, 900.0))
    store_in("whale_addresses", *(WhaleAddress(f"0x{number:040x}") for number in range(7)))


def store_in(feed: str, *rows: Record) -> None:
    take_in(feed=FEEDS[feed], source="files", rows=rows)


@pytest.fixture
def ada(workspace: Workspace) -> User:
    """An admin of olivia's workspace."""
    user = person("Ada")
    Member.objects.create(workspace=workspace, user=user, role=Role.ADMIN)
    return user


@pytest.fixture
def make(workspace: Workspace, olivia: User, market: None) -> Make:
    """An alert of olivia's workspace, made by her: a spike of a million USD unless it says otherwise."""

    def made(actor: User | None = None, **values: Any) -> Alert:
        given: Any = SPIKE | values
        return services.create_alert(workspace=workspace, actor=actor or olivia, values=given)

    return made


@pytest.fixture
def pro(workspace: Workspace) -> Entitlement:
    """A month of the plan with room for 20 alerts."""
    ends_at = timezone.now() + timedelta(days=30)
    return Entitlement.objects.create(workspace=workspace, plan_id="pro", reason="a test", ends_at=ends_at)


@pytest.fixture
def key(workspace: Workspace, olivia: User) -> str:
    return create_key(workspace=workspace, actor=olivia, name="alerts")[1]


@pytest.fixture
def call(client: Client, key: str, market: None) -> Call:
    """`call("post", "/alerts", {...})` by the key; `key=""` leaves it out."""

    def answer(method: str, path: str, body: Any = None, *, key: str = key, **headers: str) -> Any:
        given = {"X-API-Key": key} if key else {}
        content = {"data": body, "content_type": "application/json"} if body is not None else {}
        return getattr(client, method)(path, headers={**given, **headers}, **content)

    return answer


def pointers(answer: Any) -> list[str]:
    """Which values an answer of 422 names."""
    assert answer.status_code == 422, answer.content
    return sorted(error["pointer"] for error in answer.json()["errors"])
