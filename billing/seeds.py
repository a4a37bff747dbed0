"""The plans and add-ons that a new installation starts with. Rows that exist are never touched: staff own them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from billing.models import BOUNDS, AddOn, Plan
from billing.terms import FEATURES, FORMATS, PLAN_NAMES

YEAR = 365
MONTHS_OF_A_YEARLY_PRICE = 10

# In the order of PLAN_NAMES. None: all of it, for ever.
TABLE: dict[str, tuple[Any, ...]] = {
    "requests_per_minute": (60, 600, 2400, 10_000),
    "alerts": (3, 20, 50, 200),
    "alert_poll_seconds": (300, 60, 30, 15),
    "backtest_runs_per_day": (3, 50, 200, 2000),
    "concurrent_runs": (1, 2, 4, 8),
    "workspaces": (1, 3, 10, 100),
    "seats": (1, 3, 10, 100),
    "history_days": (7, 90, YEAR, None),
    "formats": (["csv", "json"], [*FORMATS], [*FORMATS], [*FORMATS]),
    "features": (["focus"], ["focus", "clips"], [*FEATURES], [*FEATURES]),
    "machines_per_agent": (1, 2, 10, 100),
    "run_retention_days": (30, YEAR, 2 * YEAR, None),
    "price_month_cents": (0, 4900, 14_900, 29_900),
}
DESCRIPTIONS = (
    "Try the data: a week of history, CSV and JSON.",
    "For one trader: ten times the rate and three months of history.",
    "For a desk: ten seats, every licensed agent, a year of history.",
    "For a firm: all of the history and the highest limits.",
)
# By name: title, description, what it raises and by how much, US cents, days that it holds (None: billed each month).
ADD_ONS: dict[str, tuple[str, str, AddOn.Raises, int, int, int | None]] = {
    "alerts-10": ("10 more alerts", "For a few more things to watch.", AddOn.Raises.ALERTS, 10, 900, None),
    "alerts-50": ("50 more alerts", "For a desk that watches everything.", AddOn.Raises.ALERTS, 50, 2900, None),
    "seat": ("One more seat", "For one more member of the workspace.", AddOn.Raises.SEATS, 1, 1500, None),
    "history-year": ("A year of history", "365 days of data for a year.", AddOn.Raises.HISTORY, YEAR, 9900, YEAR),
}


def seed_plans() -> list[str]:
    """Create the plans that are missing, with the environment's values; returns their names.

    Raises ImproperlyConfigured with the variable's name when a value is out of bounds or named twice.
    """
    values = [_values(name) for name in PLAN_NAMES]
    _check_price_ids()
    return [row["name"] for row in values if Plan.objects.get_or_create(name=row["name"], defaults=row)[1]]


def seed_add_ons() -> list[str]:
    """Create the add-ons that are missing; returns their names."""
    rows = [_add_on(name) for name in ADD_ONS]
    return [row["name"] for row in rows if AddOn.objects.get_or_create(name=row["name"], defaults=row)[1]]


def _add_on(name: str) -> dict[str, Any]:
    title, description, raises, amount, cents, days = ADD_ONS[name]
    return {
        "name": name, "title": title, "description": description, "raises": raises, "amount": amount,
        "price_cents": cents, "is_recurring": days is None, "valid_days": days,
    }  # fmt: skip


def _values(name: str) -> dict[str, Any]:
    """A plan's row: the table's column, then what the environment says."""
    rank = PLAN_NAMES.index(name)
    row: dict[str, Any] = {field: column[rank] for field, column in TABLE.items()}
    row |= {"name": name, "rank": rank, "title": name.capitalize(), "description": DESCRIPTIONS[rank]}
    row["price_year_cents"] = row["price_month_cents"] * MONTHS_OF_A_YEARLY_PRICE
    return row | _numbers_from_environment(name) | _prices_from_environment(name)


def _numbers_from_environment(name: str) -> dict[str, int]:
    variables = {
        "requests_per_minute": f"RATE_LIMIT_{name.upper()}",
        "alerts": f"ALERTS_MAX_{name.upper()}",
        # One variable for all plans, as the first generation had one interval for everybody.
        "alert_poll_seconds": "ALERTS_POLL_INTERVAL",
    }
    given = {field: settings.PLAN_SEED_NUMBERS.get(variable) for field, variable in variables.items()}
    return {field: _bounded(value, field, variables[field]) for field, value in given.items() if value is not None}


def _bounded(value: int, field: str, variable: str) -> int:
    least, most = BOUNDS[field]
    if least <= value <= most:
        return value
    raise ImproperlyConfigured(f"{variable} is {value}; it must be from {least} to {most}.")


def _prices_from_environment(name: str) -> dict[str, str]:
    ids = settings.PLAN_SEED_PRICE_IDS
    variable = f"PRICE_ID_{name.upper()}"
    return {"price_id_month": ids.get(variable, ""), "price_id_year": ids.get(f"{variable}_YEARLY", "")}


def _check_price_ids() -> None:
    """One Stripe price sells one plan for one interval; a copy-and-paste slip would sell the wrong one."""
    seen: dict[str, str] = {}
    for variable, price in settings.PLAN_SEED_PRICE_IDS.items():
        if len(price) > 100:
            raise ImproperlyConfigured(f"{variable} is longer than 100 characters.")
        if price and price in seen:
            raise ImproperlyConfigured(f"{variable} and {seen[price]} name the same Stripe price, {price}.")
        seen[price] = variable
