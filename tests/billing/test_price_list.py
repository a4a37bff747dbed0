"""GET /plans: what anybody may read."""

from __future__ import annotations

import pytest
from django.test import Client

from billing import catalogue
from billing.models import Plan
from billing.terms import PLAN_NAMES
from tests.billing.test_plans import COLUMNS, CONTRACT

pytestmark = pytest.mark.django_db
RENAMED = {"requests_per_minute": "rpm"}


def test_it_shows_every_plan_without_a_key(client: Client) -> None:
    answer = client.get("/plans")
    assert answer.status_code == 200
    assert "max-age=30" in answer["Cache-Control"]
    plans = answer.json()["plans"]
    assert tuple(plans) == PLAN_NAMES
    for name, row in CONTRACT.items():
        expected = {RENAMED.get(field, field): value for field, value in zip(COLUMNS, row, strict=True)}
        prices = {
            "currency": "usd",
            "month_cents": expected.pop("price_month_cents"),
            "year_cents": expected.pop("price_year_cents"),
        }
        shown = plans[name]
        assert {
            field: set(v) if field == "features" else v for field, v in shown.items() if field in expected
        } == expected
        assert (shown["name"], shown["title"], shown["prices"]) == (name, name.capitalize(), prices)
        assert shown["description"]


def test_it_never_shows_stripes_ids(client: Client) -> None:
    Plan.objects.filter(name="pro").update(price_id_month="price_secretish")
    catalogue.forget()
    assert b"price_secretish" not in client.get("/plans").content


def test_it_reads_the_list_once_for_many_requests(django_assert_num_queries: object) -> None:
    catalogue.forget()
    with django_assert_num_queries(1):  # type: ignore[operator]
        for _ in range(50):
            assert len(catalogue.offers()) == 4


def test_it_refuses_to_be_written_to(client: Client) -> None:
    assert client.post("/plans", {}).status_code == 405
