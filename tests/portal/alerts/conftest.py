"""Small series to look at, alerts on them, and pages as text."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User, Workspace
from alerts.models import Alert, Destination
from marketdata import state
from tests.alerts.evaluation.conftest import funding, liquidation, reading, store
from tests.portal.alerts.rows import alert_row, place_row

Text = Callable[..., str]


@pytest.fixture
def market(db: None, settings: Settings) -> Iterator[None]:
    """Files of ten days: every day at noon 5,000 USD of liquidations, and a price that doubles once."""
    settings.MARKET_DATA_SOURCE = "files"
    state.forget()
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    store("liquidations", *(liquidation(noon - timedelta(days=day), 5_000.0) for day in range(10)))
    store("open_interest", reading(noon - timedelta(hours=1), 100.0), reading(noon, 100.0, 200.0))
    yield
    state.forget()


@pytest.fixture
def symbols(market: None) -> None:
    """What the ready-made alerts name."""
    at = timezone.now()
    store("open_interest", reading(at, 1.0, symbol="ETHUSDT"))
    store("funding", funding(at, 0.0001))


@pytest.fixture
def alert(team: Workspace, olivia: User) -> Alert:
    return alert_row(team, olivia)


@pytest.fixture
def place(team: Workspace, olivia: User) -> Destination:
    return place_row(team, olivia)


@pytest.fixture
def text() -> Text:
    """The page that a person sees in the end, its entities read."""

    def read(browser: Client, path: str, data: dict[str, Any] | None = None, *, status: int = 200) -> str:
        answer = browser.get(path) if data is None else browser.post(path, data, follow=True)
        assert answer.status_code == status, answer.content
        return html.unescape(answer.content.decode())

    return read
