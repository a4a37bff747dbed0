"""Every kind that can be watched, by its name."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.models.alert import Kind
from alerts.rules import (
    copybot_trade,
    funding_extreme,
    liquidation_spike,
    open_interest_change,
    price_move,
    whale_activity,
)
from alerts.rules.shapes import Rule

RULES: Mapping[str, Rule] = {
    Kind.LIQUIDATION_SPIKE: liquidation_spike,
    Kind.FUNDING_EXTREME: funding_extreme,
    Kind.WHALE_ACTIVITY: whale_activity,
    Kind.OPEN_INTEREST_CHANGE: open_interest_change,
    Kind.PRICE_MOVE: price_move,
    Kind.COPYBOT_TRADE: copybot_trade,
}
