"""Amounts and limits as people read them."""

from __future__ import annotations

import pytest

from billing.models import Plan
from billing.portal.deals import saved_percent
from billing.portal.facts import differences, facts_of
from billing.portal.tags import money


@pytest.mark.parametrize(
    ("units", "currency", "text"),
    [
        (0, "usd", "$0"),
        (4900, "usd", "$49"),
        (490_000, "USD", "$4,900"),
        (5, "usd", "$0.05"),
        (-1234, "usd", "-$12.34"),
        (123_456, "eur", "1,234.56 EUR"),
        (500, "jpy", "500 JPY"),
    ],
)
def test_it_writes_an_amount(units: int, currency: str, text: str) -> None:
    assert money(units, currency) == text


@pytest.mark.parametrize(("month", "year", "percent"), [(4900, 49_000, 16), (0, 0, 0), (100, 1300, 0), (100, 0, 0)])
def test_it_never_promises_more_than_is_saved(month: int, year: int, percent: int) -> None:
    assert saved_percent(Plan(price_month_cents=month, price_year_cents=year)) == percent


def test_it_names_a_plans_limits(db: None) -> None:
    facts = {fact.name: fact.text for fact in facts_of(Plan.objects.get(name="team").terms())}
    assert facts["Requests a minute"] == "2,400"
    assert facts["History"] == "1 year"
    assert facts["Runs are kept"] == "2 years"
    assert facts["Alerts"] == "50, checked every 30 s"


def test_it_lists_what_a_move_changes_and_nothing_else(db: None) -> None:
    pro, team = (Plan.objects.get(name=name).terms() for name in ("pro", "team"))
    changed = {line.name: (line.before, line.after) for line in differences(pro, team)}
    assert changed["Seats"] == ("3", "10")
    assert "Formats" not in changed
    assert differences(pro, pro) == []
