"""The pages about the market: how the feeds stand, and what was liquidated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from billing.models import Plan
from marketdata import state
from tests.alerts.evaluation.conftest import liquidation, store
from tests.portal.backtests.conftest import Text


@pytest.fixture
def market(db: None, settings: Settings) -> Iterator[None]:
    """Files: 1,500 USD of longs now, 250,000 of shorts three hours ago, a million of longs 20 hours ago."""
    settings.MARKET_DATA_SOURCE = "files"
    state.forget()
    now = timezone.now()
    store(
        "liquidations",
        liquidation(now - timedelta(hours=20), 1_000_000.0, side="SELL"),
        liquidation(now - timedelta(hours=3), 250_000.0, side="BUY", symbol="ETH"),
        liquidation(now, 1_500.0, side="SELL"),
    )
    yield
    state.forget()


def test_it_sums_liquidations_by_span_and_side(owner: Client, market: None, text: Text) -> None:
    page = text(owner, "/portal/backtests/liquidations/")
    for words in ("1.50k", "251.50k", "1.25M", "▼ longs 1.00M, ▲ shorts 250.00k"):
        assert words in page
    assert "ETH" not in page
    assert "250,000.00" in text(owner, "/portal/backtests/liquidations/?hours=4")
    assert text(owner, "/portal/backtests/liquidations/?hours=999").count("1.50k") == page.count("1.50k")


def test_it_goes_back_as_far_as_the_plan(stranger: Client, market: None, text: Text) -> None:
    Plan.objects.filter(name="free").update(history_days=1)
    page = text(stranger, "/portal/backtests/liquidations/?hours=24")
    assert "1,001,500.00" in page
    assert "Only as far back" not in page


def test_it_says_how_every_feed_stands(owner: Client, market: None, text: Text) -> None:
    page = text(owner, "/portal/backtests/market/")
    assert "liq_data.csv" in page
    assert "Imported files are as fresh as their last import." in page


def test_it_offers_the_files_and_a_refresh_of_live_sources(
    owner: Client, market: None, settings: Settings, text: Text
) -> None:
    page, refresh = text(owner, "/portal/backtests/market/"), "/portal/backtests/market/refresh/"
    for name in ("liquidations", "oi"):
        assert f'href="/download/{name}"' in page
        answer = owner.get(f"/download/{name}")
        assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (200, "text/csv")
    assert refresh not in page
    assert "change when somebody imports one" in text(owner, refresh, {})
    settings.MARKET_DATA_SOURCE = "simulated"
    assert refresh in text(owner, "/portal/backtests/market/")
    assert "The sources are being read." in text(owner, refresh, {})


@pytest.mark.parametrize(
    ("path", "target"),
    [("/data", "/portal/backtests/market/"), ("/liquidations?hours=4", "/portal/backtests/liquidations/?hours=4")],
)
def test_old_addresses_lead_here(path: str, target: str, owner: Client) -> None:
    assert owner.get(path)["Location"] == target
