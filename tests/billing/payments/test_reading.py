"""What a subscription of Stripe's says, in our words: plan, packs, periods, ends, the next plan and its price."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from billing.payments.prices import PriceList
from billing.payments.reading import Reading, monthly_cents, read
from tests.billing.payments.objects import DAY, NOW, Object, discount, item, price, schedule, subscription

PRICES = PriceList(
    plans={"price_pro": "pro", "price_pro_year": "pro", "price_team": "team", "price_free": "free"},
    add_ons={"price_ten": "alerts-10", "price_ten_year": "alerts-10", "price_seat": "seat"},
    ranks={"free": 0, "pro": 1, "team": 2, "enterprise": 3},
    packs=frozenset({"alerts-10", "seat"}),
)
TEN, TEAM = price("price_ten", cents=900), price("price_team", cents=14_900)
YEARLY = price("price_pro_year", cents=49_000, interval="year")


def reading(*items: Object, **values: Any) -> Reading:
    return read(subscription(*items, **values), PRICES)


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_it_finds_the_plan_among_several_items() -> None:
    found = reading(item(TEN, 2), item(quantity=3), item(price("price_seat")))
    assert (found.values["plan_id"], found.values["price_id"], found.values["quantity"]) == ("pro", "price_pro", 3)
    assert found.packs == {"alerts-10": 2, "seat": 1}
    assert found.is_known


def test_of_two_plans_the_stronger_counts() -> None:
    found = reading(item(), item(TEAM, 2))
    assert (found.values["plan_id"], found.values["quantity"]) == ("team", 2)


def test_an_unknown_price_is_nothing_and_never_free() -> None:
    found = reading(item(price("price_else")))
    assert (found.values["plan_id"], found.values["price_id"]) == (None, "price_else")
    assert found.unknown == ("price_else",)
    assert not found.is_known


def test_an_unknown_price_beside_a_plan_is_told_and_takes_nothing() -> None:
    found = reading(item(), item(price("price_else")))
    assert (found.values["plan_id"], found.unknown, found.is_known) == ("pro", ("price_else",), True)


def test_packs_alone_are_no_plan_and_no_error() -> None:
    found = reading(item(TEN))
    assert (found.values["plan_id"], found.packs, found.is_known) == (None, {"alerts-10": 1}, True)


def test_a_price_that_staff_replaced_sells_what_its_mark_says() -> None:
    old = price("price_of_last_year", metadata={"plan": "team"})
    assert reading(item(old)).values["plan_id"] == "team"
    assert reading(item(price("price_old_pack", metadata={"add_on": "seat"}))).packs == {"seat": 1}


def test_a_mark_that_names_no_plan_is_unknown() -> None:
    assert not reading(item(price("price_x", metadata={"plan": "gold"}))).is_known


def test_a_row_beats_a_mark() -> None:
    assert reading(item(price("price_pro", metadata={"plan": "enterprise"}))).values["plan_id"] == "pro"


def test_an_item_without_quantity_counts_once_and_of_none_not_at_all() -> None:
    assert reading(item(quantity=None)).values["quantity"] == 1
    none_left = reading(item(quantity=0), item(TEN, 0))
    assert (none_left.values["plan_id"], none_left.packs, none_left.unknown) == (None, {}, ())


def test_a_price_for_free_is_no_plan() -> None:
    assert reading(item(price("price_free", cents=0))).values["plan_id"] is None


def test_the_period_is_read_from_the_items() -> None:
    assert reading(item(ends=NOW + 5 * DAY)).values["current_period_end"] == at(NOW + 5 * DAY)


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ({}, None),
        ({"cancel_at_period_end": True}, NOW + 30 * DAY),
        ({"cancel_at": NOW + 3 * DAY}, NOW + 3 * DAY),
        ({"cancel_at": NOW + 30 * DAY, "cancel_at_period_end": True}, NOW + 30 * DAY),
        ({"cancel_at": NOW, "ended_at": NOW, "status": "canceled"}, None),
    ],
)
def test_it_tells_when_the_subscription_will_end(values: dict[str, Any], ends: int | None) -> None:
    assert reading(**values).values["cancels_at"] == (at(ends) if ends else None)


def test_it_reads_the_facts() -> None:
    trial = reading(status="trialing", trial_end=NOW + DAY, customer={"id": "cus_9"}, livemode=True).values
    assert (trial["status"], trial["trial_ends_at"], trial["started_at"]) == ("trialing", at(NOW + DAY), at(NOW))
    assert (trial["customer_id"], trial["livemode"], trial["ended_at"]) == ("cus_9", True, None)


@pytest.mark.parametrize(
    ("sold", "interval"),
    [(price(), "month"), (YEARLY, "year"), (price(interval="week"), ""), (price(interval_count=3), "")],
)
def test_it_names_the_intervals_that_we_sell(sold: Object, interval: str) -> None:
    assert reading(item(sold)).values["interval"] == interval


@pytest.mark.parametrize(
    ("items", "cents"),
    [
        ([item()], 4900),
        ([item(quantity=3), item(TEN, 2)], 16_500),
        ([item(YEARLY)], 4083),
        ([item(price(cents=700, interval="week"))], 3033),
        ([item(price(cents=100, interval="day"))], 3042),
        ([item(price(cents=9000, interval_count=3))], 3000),
        ([item(price(cents=None))], 0),
    ],
)
def test_it_tells_what_all_of_it_costs_a_month(items: list[Object], cents: int) -> None:
    assert monthly_cents(items) == cents


@pytest.mark.parametrize(
    ("items", "discounts", "cents"),
    [
        ([item()], [discount(percent=100)], 0),
        ([item(), item(TEN)], [discount("repeating", percent=12.5)], 5075),
        ([item()], [discount("once", percent=100)], 4900),
        ([item()], [discount(cents=900)], 4000),
        ([item()], [discount(cents=9900)], 0),
        ([item(YEARLY)], [discount(cents=12_000)], 3083),
        ([item(), item(TEN)], [discount(percent=50, applies_to={"products": ["prod_price_pro"]})], 3350),
        ([item(), item(TEN)], [discount(cents=4900, applies_to={"products": ["prod_price_ten"]})], 4900),
        ([item()], [discount(percent=50), discount(cents=450)], 2000),
        ([], [discount(cents=450)], 0),
    ],
)
def test_it_tells_what_is_left_of_that_after_discounts(
    items: list[Object], discounts: list[Object], cents: int
) -> None:
    assert monthly_cents(items, discounts) == cents


def test_a_scheduled_downgrade_is_the_next_plan() -> None:
    planned = schedule((NOW, TEAM), (NOW + 30 * DAY, price()))
    values = reading(item(TEAM), schedule=planned).values
    assert (values["next_plan_id"], values["next_interval"]) == ("pro", "month")
    assert values["next_at"] == at(NOW + 30 * DAY)


def test_a_scheduled_interval_is_next_as_well() -> None:
    values = reading(item(YEARLY), schedule=schedule((NOW, YEARLY), (NOW + 30 * DAY, price()))).values
    assert (values["plan_id"], values["next_plan_id"], values["next_interval"]) == ("pro", "pro", "month")


@pytest.mark.parametrize(
    "planned",
    [
        None,
        schedule((NOW, price())),
        schedule((NOW, price()), (NOW + 30 * DAY, price())),
        schedule((NOW, price()), (NOW + 30 * DAY, TEAM), status="released"),
        schedule((NOW, price()), (NOW + 30 * DAY, price("price_else"))),
    ],
)
def test_without_another_plan_to_come_there_is_none(planned: Object | None) -> None:
    assert reading(schedule=planned).values["next_plan_id"] is None


def test_a_phase_may_name_its_price_by_id_alone() -> None:
    planned = schedule((NOW + 30 * DAY, "price_team"))  # type: ignore[arg-type]
    assert reading(schedule=planned).values["next_plan_id"] == "team"
