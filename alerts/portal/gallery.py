"""Ready-made alerts: a sentence that people recognise, and the values that a form begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.portal.pages import show
from alerts.models.alert import Kind
from alerts.rules.registry import RULES

ICONS: Mapping[str, str] = {
    Kind.LIQUIDATION_SPIKE: "local_fire_department",
    Kind.FUNDING_EXTREME: "percent",
    Kind.WHALE_ACTIVITY: "waves",
    Kind.OPEN_INTEREST_CHANGE: "stacked_line_chart",
    Kind.PRICE_MOVE: "trending_up",
    Kind.COPYBOT_TRADE: "swap_horiz",
}


@dataclass(frozen=True, slots=True)
class Ready:
    """One ready-made alert. What is not among its values is the type's default."""

    kind: str
    title: str
    text: str
    threshold: float
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def icon(self) -> str:
        return ICONS[self.kind]

    @property
    def url(self) -> str:
        """The form, filled in."""
        given = {"type": self.kind, "description": self.title, "threshold": f"{self.threshold:.10g}", **self.values}
        return f"{reverse('portal:alert-new')}?{urlencode(given)}"


READY = (
    Ready(
        Kind.LIQUIDATION_SPIKE, "Liquidation cascade", "Forced orders of all symbols reach 25 million USD in an hour.",
        25_000_000, {"window_minutes": 60, "recovery_threshold": 15_000_000, "cooldown_minutes": 60},
    ),
    Ready(
        Kind.LIQUIDATION_SPIKE, "BTC longs are wiped out", "Longs on BTC lose 5 million USD within 15 minutes.",
        5_000_000, {"symbol": "BTC", "direction": "long", "window_minutes": 15},
    ),
    Ready(
        Kind.FUNDING_EXTREME, "Funding overheats", "Somebody pays 0.1 % or more per 8 hours, on any symbol.",
        0.001, {"window_minutes": 60, "recovery_threshold": 0.0008, "cooldown_minutes": 240},
    ),
    Ready(
        Kind.FUNDING_EXTREME, "Shorts pay on BTC", "Funding of BTC is at -0.01 % per 8 hours or below.",
        0.0001, {"symbol": "BTC", "direction": "short", "window_minutes": 60},
    ),
    Ready(
        Kind.PRICE_MOVE, "BTC moves fast", "The price goes 3 % up or down within an hour.",
        3, {"symbol": "BTC", "window_minutes": 60, "cooldown_minutes": 60},
    ),
    Ready(
        Kind.PRICE_MOVE, "ETH falls", "The price falls 5 % within four hours.",
        5, {"symbol": "ETH", "direction": "short", "window_minutes": 240, "cooldown_minutes": 240},
    ),
    Ready(
        Kind.OPEN_INTEREST_CHANGE, "Money leaves the market", "Total open interest shrinks by 5 % within a day.",
        5, {"direction": "short", "window_minutes": 1440, "cooldown_minutes": 720},
    ),
    Ready(
        Kind.WHALE_ACTIVITY, "Whales come or go", "The list of whales has changed by ten addresses.",
        10, {"cooldown_minutes": 60},
    ),
    Ready(
        Kind.COPYBOT_TRADE, "A large copied trade", "A wallet that you follow trades 10,000 USD at once.",
        10_000, {"window_minutes": 15, "cooldown_minutes": 0},
    ),
)  # fmt: skip


def gallery(request: HttpRequest) -> HttpResponse:
    """Ready-made alerts, and every type to begin from nothing."""
    types = [{"kind": kind, "rule": rule, "icon": ICONS[kind]} for kind, rule in RULES.items()]
    return show(request, "portal/alerts/gallery.html", "New alert", ready=READY, types=types)
