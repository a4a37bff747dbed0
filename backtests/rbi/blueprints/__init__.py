"""The library: strategies of our own writing by name, one file a family."""

from __future__ import annotations

from collections.abc import Mapping

from backtests.rbi.blueprints import (
    breakout,
    funding,
    liquidation,
    momentum,
    open_interest,
    pattern,
    reversion,
    trend,
    volatility,
    volume,
)
from backtests.rbi.blueprints.shapes import COLUMNS, Blueprint, Confirm, Family, Plan, Proxy, Rule

__all__ = ["COLUMNS", "LIBRARY", "Blueprint", "Confirm", "Family", "Plan", "Proxy", "Rule"]

FAMILIES = (
    trend,
    reversion,
    breakout,
    volatility,
    volume,
    momentum,
    pattern,
    funding,
    open_interest,
    liquidation,
)
LIBRARY: Mapping[str, Blueprint] = {blueprint.name: blueprint for family in FAMILIES for blueprint in family.BLUEPRINTS}
