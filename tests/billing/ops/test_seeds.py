"""The add-ons that a new installation starts with."""

from __future__ import annotations

import pytest

from billing.models import AddOn
from billing.seeds import ADD_ONS, seed_add_ons

pytestmark = pytest.mark.django_db


def test_it_starts_with_every_add_on() -> None:
    rows = AddOn.objects.values_list(
        "name", "raises", "amount", "price_cents", "is_recurring", "valid_days", "price_id"
    )
    assert sorted(rows) == [
        ("alerts-10", "alerts", 10, 900, True, None, ""),
        ("alerts-50", "alerts", 50, 2900, True, None, ""),
        ("history-year", "history_days", 365, 9900, False, 365, ""),
        ("seat", "seats", 1, 1500, True, None, ""),
    ]


def test_it_creates_what_is_missing_and_changes_nothing_else() -> None:
    AddOn.objects.filter(name="seat").delete()
    AddOn.objects.filter(name="alerts-10").update(price_cents=1000)
    assert seed_add_ons() == ["seat"]
    assert seed_add_ons() == []
    assert AddOn.objects.get(name="alerts-10").price_cents == 1000


def test_every_seeded_row_keeps_the_models_own_rules() -> None:
    for row in AddOn.objects.filter(name__in=ADD_ONS):
        row.full_clean()
