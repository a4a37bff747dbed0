"""From Stripe's subscription to ours, against the sandbox: whatever happens there, our rows say the same."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import stripe
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry, Workspace
from billing.limits import standing_of, terms_of
from billing.models import Boost, Case, Customer, Entitlement, Plan, Subscription
from billing.payments.stripe_api import AWAY
from billing.payments.subscriptions import UnknownPrice, apply_subscription
from tests.billing.payments.seller import FAILS, GOOD, Seller

pytestmark = pytest.mark.django_db


def plan_of(workspace: Workspace) -> str:
    return terms_of(workspace).plan


def open_cases() -> list[tuple[str, str]]:
    return list(Case.objects.filter(closed_at=None).values_list("kind", "reference"))


@pytest.mark.stripe_live
def test_a_paid_subscription_gives_the_plan(seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    row = apply_subscription(pk)
    assert row is not None
    assert (row.plan_id, row.interval, row.status, row.workspace) == ("pro", "month", "active", workspace)
    assert (row.price_id, row.quantity, row.monthly_cents, row.livemode) == (seller.prices["pro"], 1, 4900, False)
    assert row.current_period_end is not None
    assert 28 <= (row.current_period_end - timezone.now()).days <= 31
    standing = standing_of(workspace.pk)
    assert (standing.terms.plan, standing.until) == ("pro", None)
    assert Customer.objects.get(workspace=workspace).pk == row.customer_id


@pytest.mark.stripe_live
def test_reading_it_again_changes_nothing(seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe("pro", "alerts-10", workspace=workspace)
    for _ in range(3):
        apply_subscription(pk)
    assert (Entitlement.objects.count(), Boost.objects.count(), Subscription.objects.count()) == (1, 1, 1)
    assert AuditEntry.objects.filter(target=pk).count() == 1
    assert terms_of(workspace).alerts == 30


@pytest.mark.stripe_live
def test_a_trial_gives_the_plan(seller: Seller, workspace: Workspace) -> None:
    row = apply_subscription(seller.subscribe("team", workspace=workspace, trial_period_days=14))
    assert row is not None
    assert (row.status, plan_of(workspace)) == ("trialing", "team")
    assert row.trial_ends_at is not None


@pytest.mark.stripe_live
def test_the_plan_follows_the_current_item(seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    apply_subscription(pk)
    seller.move(pk, "team/year", quantity=2)
    row = apply_subscription(pk)
    assert row is not None
    assert (row.plan_id, row.interval, row.quantity) == ("team", "year", 2)
    assert (plan_of(workspace), terms_of(workspace).seats) == ("team", 20)
    assert [grant.plan_id for grant in Entitlement.objects.order_by("pk")] == ["pro", "team"]


@pytest.mark.stripe_live
def test_a_downgrade_waits_for_its_schedule(seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe("team", workspace=workspace)
    plan_later(seller, pk, "pro")
    row = apply_subscription(pk)
    assert row is not None
    assert (row.plan_id, row.next_plan_id, row.next_interval) == ("team", "pro", "month")
    assert (row.next_at, plan_of(workspace)) == (row.current_period_end, "team")
    seller.sandbox.advance(days=32)
    row = apply_subscription(pk)
    assert row is not None
    assert (row.plan_id, row.next_plan_id, plan_of(workspace)) == ("pro", None, "pro")


@pytest.mark.stripe_live
def test_who_cancels_keeps_the_plan_until_the_end(seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    seller.api.subscriptions.update(pk, {"cancel_at_period_end": True})
    row = apply_subscription(pk)
    assert row is not None
    assert (row.cancels_at, plan_of(workspace)) == (row.current_period_end, "pro")
    seller.sandbox.advance(days=32)
    row = apply_subscription(pk)
    assert row is not None
    assert (row.status, row.cancels_at, row.is_live) == ("canceled", None, False)
    assert row.ended_at is not None
    assert plan_of(workspace) == "free"


def test_who_pays_late_keeps_the_plan_for_the_grace(seller: Seller, workspace: Workspace) -> None:
    customer = seller.customer(workspace)
    pk = seller.subscribe("pro", workspace=workspace, customer=customer)
    seller.use(customer, FAILS)
    seller.sandbox.advance(days=32)
    row = apply_subscription(pk)
    assert row is not None
    assert (row.status, plan_of(workspace)) == ("past_due", "pro")
    standing = standing_of(workspace.pk)
    assert standing.until == row.grace_ends_at
    first = row.grace_ends_at
    row = apply_subscription(pk)
    assert row is not None
    assert row.grace_ends_at == first
    pay_open(seller, pk, customer)
    row = apply_subscription(pk)
    assert row is not None
    assert (row.status, row.grace_ends_at, standing_of(workspace.pk).until) == ("active", None, None)
    assert plan_of(workspace) == "pro"


def test_who_never_pays_is_on_free(seller: Seller, workspace: Workspace) -> None:
    customer = seller.customer(workspace)
    pk = seller.subscribe("pro", workspace=workspace, customer=customer)
    apply_subscription(pk)
    seller.use(customer, FAILS)
    seller.sandbox.advance(days=60)
    row = apply_subscription(pk)
    assert row is not None
    assert row.status in ("canceled", "unpaid")
    assert plan_of(workspace) == "free"


@pytest.mark.stripe_live
def test_an_unknown_price_is_an_error_and_never_free(seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    apply_subscription(pk)
    other = seller.price("else", 7000)
    seller.move(pk, other)
    for _ in range(2):
        with pytest.raises(UnknownPrice, match=other):
            apply_subscription(pk)
    assert plan_of(workspace) == "pro"
    assert open_cases() == [("unknown_price", pk)]
    assert Subscription.objects.get().price_id == other
    plan = Plan.objects.get(name="team")
    plan.price_id_month = other
    plan.save()
    apply_subscription(pk)
    assert (plan_of(workspace), open_cases()) == ("team", [])


@pytest.mark.stripe_live
def test_an_unknown_price_grants_nothing_new(seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe(seller.price("else", 7000), workspace=workspace)
    with pytest.raises(UnknownPrice):
        apply_subscription(pk)
    assert (plan_of(workspace), Entitlement.objects.count()) == ("free", 0)


@pytest.mark.stripe_live
def test_who_pays_a_price_of_last_year_keeps_the_plan(seller: Seller, workspace: Workspace) -> None:
    old = seller.price("old", 3900, metadata={"plan": "pro"})
    apply_subscription(seller.subscribe(old, workspace=workspace))
    assert (plan_of(workspace), open_cases()) == ("pro", [])


def test_a_second_subscription_is_for_staff_to_see(seller: Seller, workspace: Workspace) -> None:
    first = seller.subscribe("pro", workspace=workspace)
    apply_subscription(first)
    seller.sandbox.advance(seconds=5)
    second = seller.subscribe("team", workspace=workspace)
    apply_subscription(second)
    assert (plan_of(workspace), open_cases()) == ("team", [("second_subscription", second)])
    seller.api.subscriptions.cancel(second)
    apply_subscription(second)
    assert (plan_of(workspace), open_cases()) == ("pro", [])


def test_the_later_one_is_the_second_though_it_is_read_first(seller: Seller, workspace: Workspace) -> None:
    first = seller.subscribe("pro", workspace=workspace)
    seller.sandbox.advance(seconds=5)
    second = seller.subscribe("pro", workspace=workspace)
    apply_subscription(second)
    apply_subscription(first)
    assert open_cases() == [("second_subscription", second)]
    seller.api.subscriptions.cancel(first)
    apply_subscription(first)
    assert open_cases() == []


@pytest.mark.stripe_live
def test_without_a_workspace_nobody_has_the_plan(seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe("pro")
    row = apply_subscription(pk)
    assert row is not None
    assert (row.workspace, row.plan_id, Entitlement.objects.count()) == (None, "pro", 0)
    Subscription.objects.update(workspace=workspace)
    apply_subscription(pk)
    assert plan_of(workspace) == "pro"


@pytest.mark.parametrize("mark", ["", "0", "999999", "x", "1e3", "9" * 40])
def test_a_mark_that_names_no_workspace_gives_nothing(mark: str, seller: Seller) -> None:
    row = apply_subscription(seller.subscribe("pro", metadata={"workspace": mark}))
    assert row is not None
    assert row.workspace is None


@pytest.mark.stripe_live
def test_the_customer_beats_the_mark(seller: Seller, workspace: Workspace, strangers_workspace: Workspace) -> None:
    customer = seller.customer()
    Customer.objects.create(pk=customer, workspace=workspace)
    marks = {"workspace": str(strangers_workspace.pk)}
    apply_subscription(seller.subscribe("pro", customer=customer, metadata=marks))
    assert (plan_of(workspace), plan_of(strangers_workspace)) == ("pro", "free")


@pytest.mark.stripe_live
def test_what_neither_knows_is_nothing(seller: Seller) -> None:
    assert apply_subscription("sub_gone") is None
    assert Case.objects.count() == 0


def test_what_only_we_know_keeps_its_plan_and_is_for_staff(
    seller: Seller, workspace: Workspace, subscription_row: Any
) -> None:
    row = subscription_row("pro")
    assert apply_subscription(row.pk) == row
    assert open_cases() == [("drift", row.pk)]


@pytest.mark.parametrize("mode", ["reset", "500", "429"])
def test_while_stripe_is_away_everything_stays(mode: str, seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    apply_subscription(pk)
    seller.api.subscriptions.cancel(pk)
    seller.sandbox.down(mode)
    with pytest.raises(AWAY):
        apply_subscription(pk)
    assert plan_of(workspace) == "pro"
    seller.sandbox.up()
    apply_subscription(pk)
    assert plan_of(workspace) == "free"


def test_a_wrong_key_is_no_reason_to_take_plans(seller: Seller, workspace: Workspace, settings: Any) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    apply_subscription(pk)
    settings.STRIPE_SECRET_KEY = "nonsense"
    with pytest.raises(stripe.AuthenticationError):
        apply_subscription(pk)
    assert plan_of(workspace) == "pro"


@pytest.mark.django_db(transaction=True)
def test_many_at_once_write_one_of_each(seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe("pro", "alerts-10", workspace=workspace)
    errors = _at_once(8, pk)
    assert errors == []
    assert (Subscription.objects.count(), Entitlement.objects.count(), Boost.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_an_older_reading_never_overwrites_a_newer_one(seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    threads = [threading.Thread(target=_apply, args=[pk, []]) for _ in range(6)]
    for number, thread in enumerate(threads):
        thread.start()
        time.sleep(0.01)
        if number == 2:
            seller.move(pk, "team")
    for thread in threads:
        thread.join()
    assert plan_of(workspace) == "team"
    assert Subscription.objects.get().plan_id == "team"


def plan_later(seller: Seller, subscription: str, name: str) -> None:
    """Sell another price from the end of the period on."""
    made = seller.api.subscription_schedules.create({"from_subscription": subscription})
    now = made.phases[0].to_dict()
    items = [{"price": item["price"], "quantity": item["quantity"]} for item in now["items"]]
    first = {"items": items, "start_date": now["start_date"], "end_date": now["end_date"]}
    then = {"items": [{"price": seller.prices[name], "quantity": 1}], "duration": {"interval": "month"}}
    params: Any = {"phases": [first, then], "end_behavior": "release"}
    seller.api.subscription_schedules.update(made.id, params)


def pay_open(seller: Seller, subscription: str, customer: str) -> None:
    """Pay what is open with a card that works."""
    seller.use(customer, GOOD)
    for invoice in seller.api.invoices.list({"subscription": subscription, "status": "open"}).data:
        seller.api.invoices.pay(str(invoice.id))


def _apply(pk: str, errors: list[Exception]) -> None:
    try:
        apply_subscription(pk)
    except Exception as error:
        errors.append(error)
    finally:
        connection.close()


def _at_once(count: int, pk: str) -> list[Exception]:
    errors: list[Exception] = []
    threads = [threading.Thread(target=_apply, args=[pk, errors]) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors
