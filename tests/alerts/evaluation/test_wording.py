"""What messages say of each kind of event."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.models import Alert, Event
from alerts.rules.registry import RULES
from alerts.wording import details_said, text_of, words_of

WALLET = "0x6b7c1f"
SAID: dict[str, tuple[float, float, dict[str, Any], str, str]] = {
    "liquidation_spike": (
        2_500_000, 1_000_000, {"largest_symbol": "BTC", "largest_usd": 1_800_000.5},
        "2,500,000 USD over 15 minutes. The threshold is 1,000,000 USD.", "Most of it: BTC, 1,800,000 USD",
    ),
    "funding_extreme": (
        0.0012, 0.001, {"largest_symbol": "DOGE", "rate": -0.0012},
        "A rate of 0.0012 per 8 h within 15 minutes. The threshold is 0.001 per 8 h.", "Rate: DOGE, -0.0012 per 8 h",
    ),
    "whale_activity": (
        12, 10, {"count": 341, "before": 353},
        "12 addresses more or fewer than the last time. The threshold is 10 addresses.",
        "Whale addresses: 341, before 353",
    ),
    "open_interest_change": (
        4.25, 4, {"change": 4.25, "before": 100_000.0, "now": 104_250.0},
        "A change of 4.25 % over 15 minutes. The threshold is 4 %.",
        "Open interest: +4.25 %, from 100,000 to 104,250",
    ),
    "price_move": (
        3.5, 3, {"change": -3.5, "before": 27_000.0, "now": 26_055.0},
        "A change of 3.50 % over 15 minutes. The threshold is 3 %.", "Price: -3.50 %, from 27,000 to 26,055",
    ),
    "copybot_trade": (
        12_000, 10_000, {"wallet": WALLET, "side": "Buy", "symbol": "HYPE", "trade_time": "2026-03-02", "trades": 2},
        "One trade of 12,000 USD. The threshold is 10,000 USD.",
        f"Trade: Buy HYPE; Wallet: {WALLET}; Trades at the threshold: 2",
    ),
}  # fmt: skip


def event_of(kind: str, event: Event.Kind = Event.Kind.FIRED) -> Event:
    value, threshold, facts, _, _ = SAID[kind]
    known = {} if event == Event.Kind.NO_DATA else {"value": value, "facts": facts}
    return Event(alert=Alert(kind=kind), kind=event, threshold=threshold, window_minutes=15, excursion=1, **known)


def test_it_has_words_for_every_kind() -> None:
    assert set(SAID) == set(RULES)


@pytest.mark.parametrize("kind", SAID)
def test_it_says_what_happened_and_what_else_is_known(kind: str) -> None:
    event = event_of(kind)
    assert (text_of(event, words_of(event)), details_said(event)) == SAID[kind][3:]


@pytest.mark.parametrize("kind", SAID)
def test_it_says_that_nothing_can_be_compared(kind: str) -> None:
    event = event_of(kind, Event.Kind.NO_DATA)
    assert (text_of(event, words_of(event))[:30], details_said(event)) == ("There are no data to compare, ", "")


@pytest.mark.parametrize("kind", SAID)
def test_it_has_words_for_an_end_that_no_value_brought(kind: str) -> None:
    event = event_of(kind, Event.Kind.RESOLVED)
    event.value, event.facts = None, {"because": "What it watches was changed"}
    assert "was changed" in text_of(event, words_of(event))
    assert details_said(event) == ""


def test_a_template_may_name_them() -> None:
    event = event_of("copybot_trade")
    event.alert.template = "{happened}! {details}"
    assert text_of(event, words_of(event)) == f"one trade of 12,000 USD! {SAID['copybot_trade'][4]}"
