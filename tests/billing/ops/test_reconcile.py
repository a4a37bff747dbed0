"""The nightly comparison, against the sandbox: whatever was lost or flipped here is found, mended and told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from djstripe.models import Invoice
from prometheus_client import CollectorRegistry, generate_latest

from accounts.models import AuditEntry, User, Workspace
from billing.limits import terms_of
from billing.models import Boost, Case, Claim, Customer, Entitlement, Plan, StripeEvent, Subscription
from billing.payments.copies import stale_invoices
from billing.payments.invoices import invoices_of
from billing.payments.reconcile import last_run, read_again, reconcile
from billing.payments.stripe_api import AWAY
from billing.payments.subscriptions import apply_subscription
from billing.tasks import reconcile as nightly
from moondev.lib.errors import Conflict, Forbidden, Unavailable
from moondev.live import Live
from tests.billing.payments.seller import Seller
from tests.billing.payments.test_packs import buy

pytestmark = [pytest.mark.django_db, pytest.mark.slow(1)]


def copy_invoices() -> None:
    """As the events of a sale do, which these tests leave out."""
    stale_invoices(since=timezone.now() - timedelta(days=30), repair=True)


@pytest.fixture
def paid(seller: Seller, workspace: Workspace) -> str:
    """Olivia's workspace pays for Pro and ten more alerts, and everything agrees."""
    pk = seller.subscribe("pro", "alerts-10", workspace=workspace)
    apply_subscription(pk)
    copy_invoices()
    assert reconcile().numbers() == {"checked": 1, "found": 0, "mended": 0, "left": 0}
    return pk


def found(**options: bool) -> list[tuple[str, bool]]:
    """What differed but invoices, and whether it was mended."""
    drifts = reconcile(**options).drifts
    return [(drift.reference, drift.is_mended) for drift in drifts if not drift.reference.startswith("in_")]


FLIPS: dict[str, Any] = {
    "a status": {"status": "canceled"},
    "a plan": {"plan_id": "team"},
    "an interval": {"interval": "year"},
    "a quantity": {"quantity": 7},
    "money": {"monthly_cents": 1},
    "an end": {"cancels_at": timezone.now()},
    "the paid time": {"current_period_end": None},
}


@pytest.mark.parametrize("flip", FLIPS)
def test_a_row_flipped_by_hand_is_mended(flip: str, paid: str, workspace: Workspace) -> None:
    before: dict[str, Any] = dict(Subscription.objects.values().get(pk=paid))
    Subscription.objects.filter(pk=paid).update(**FLIPS[flip])
    assert found() == [(paid, True)]
    after: dict[str, Any] = dict(Subscription.objects.values().get(pk=paid))
    assert {name for name in before if before[name] != after[name]} == {"synced_at"}
    assert (terms_of(workspace).plan, terms_of(workspace).alerts) == ("pro", 30)
    assert found() == []


def test_a_discount_is_counted_and_no_drift(seller: Seller, workspace: Workspace) -> None:
    coupon = seller.api.coupons.create({"percent_off": 50, "duration": "forever"})
    row = apply_subscription(seller.subscribe("pro", workspace=workspace, discounts=[{"coupon": coupon.id}]))
    assert row is not None
    assert row.monthly_cents == 2450
    assert found() == []


def test_a_discount_on_the_plan_alone_is_no_drift(seller: Seller, workspace: Workspace) -> None:
    """The list does not tell what a coupon is for: that would be a fifth level, which Stripe refuses."""
    product = str(seller.api.prices.retrieve(seller.prices["pro"]).product)
    coupon = seller.api.coupons.create(
        {"percent_off": 50, "duration": "forever", "applies_to": {"products": [product]}}
    )
    subscription = seller.subscribe("pro", "alerts-10", workspace=workspace, discounts=[{"coupon": coupon.id}])
    row = apply_subscription(subscription)
    assert row is not None
    assert row.monthly_cents == 2450 + 900
    assert found() == []


def test_a_subscription_deleted_by_hand_comes_back_with_what_it_gives(paid: str, workspace: Workspace) -> None:
    Subscription.objects.filter(pk=paid).delete()
    assert terms_of(workspace).plan == "free"
    assert found() == [(paid, True)]
    assert (terms_of(workspace).plan, terms_of(workspace).alerts) == ("pro", 30)


def test_a_customer_deleted_by_hand_is_known_again_by_our_mark(paid: str, workspace: Workspace) -> None:
    Subscription.objects.filter(pk=paid).delete()
    Customer.objects.all().delete()
    assert found() == [(paid, True)]
    assert Customer.objects.get().workspace == workspace


def test_an_entitlement_deleted_by_hand_comes_back(paid: str, workspace: Workspace) -> None:
    Entitlement.objects.all().delete()
    assert found() == [(paid, True)]
    assert terms_of(workspace).plan == "pro"


@pytest.mark.parametrize(
    "flip", [{"plan_id": "team"}, {"quantity": 4}, {"revoked_at": timezone.now()}, {"ends_at": timezone.now()}]
)
def test_an_entitlement_flipped_by_hand_is_mended(flip: Any, paid: str, workspace: Workspace) -> None:
    before = timezone.now() - timedelta(days=1)
    Entitlement.objects.update(starts_at=before)
    Entitlement.objects.update(**flip)
    assert found() == [(paid, True)]
    assert (terms_of(workspace).plan, terms_of(workspace).seats) == ("pro", 3)


def test_packs_deleted_or_multiplied_by_hand_are_mended(paid: str, workspace: Workspace) -> None:
    Boost.objects.update(quantity=50)
    assert found() == [(paid, True)]
    assert terms_of(workspace).alerts == 30
    Boost.objects.all().delete()
    assert found() == [(paid, True)]
    assert terms_of(workspace).alerts == 30


def test_what_no_event_told_is_found(seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe("team", workspace=workspace)
    assert found() == [(pk, True)]
    assert terms_of(workspace).plan == "team"
    seller.api.subscriptions.cancel(pk)
    assert found() == [(pk, True)]
    assert terms_of(workspace).plan == "free"


def test_what_news_is_on_its_way_of_is_left_to_them(seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    now = timezone.now()
    StripeEvent.objects.create(
        id="evt_1", type="customer.subscription.created", object_id=pk, created_at=now, livemode=False, payload={}
    )
    assert found() == []
    assert terms_of(workspace).plan == "free"


def test_a_buyer_whose_news_was_lost_gets_the_link_to_claim_it(
    seller: Seller, django_capture_on_commit_callbacks: Any
) -> None:
    pk = seller.subscribe("pro")
    with django_capture_on_commit_callbacks(execute=True):
        assert found() == [(pk, True)]
    assert Claim.objects.get().subscription_id == pk
    assert found() == []


def test_a_pack_that_was_paid_and_not_given_is_given(seller: Seller, workspace: Workspace) -> None:
    session = buy(seller, workspace)
    assert found() == [(session, True)]
    assert terms_of(workspace).history_days == 365
    assert found() == []


def test_a_pack_that_went_back_stays_gone(seller: Seller, workspace: Workspace) -> None:
    buy(seller, workspace)
    reconcile()
    seller.api.refunds.create({"charge": seller.api.charges.list().data[0].id})
    seller.tell()
    assert found() == []
    assert terms_of(workspace).history_days == 7


def test_invoices_that_no_event_brought_are_copied(seller: Seller, workspace: Workspace) -> None:
    seller.subscribe("pro", workspace=workspace)
    (other,) = seller.api.invoices.list({"subscription": seller.subscribe("pro")}).data
    # Both subscriptions, and the invoice of the one that is somebody's.
    assert reconcile().mended == 3
    (row,) = invoices_of(workspace).rows
    assert (row.status, row.total_cents) == ("paid", 4900)
    assert not Invoice.objects.filter(id=other.id).exists()
    Invoice.objects.update(stripe_data={"status": "open"})
    assert [drift.is_mended for drift in reconcile(repair=False).drifts] == [False]
    reconcile()
    assert invoices_of(workspace).rows == (row,)
    assert reconcile().drifts == []


def test_another_shops_sales_are_none_of_ours(seller: Seller) -> None:
    buy(seller, None)
    ended = seller.subscribe(seller.price("else", 500))
    seller.api.subscriptions.cancel(ended)
    assert found() == []
    assert not Subscription.objects.exists()


def test_an_unknown_price_is_left_for_staff_and_nothing_is_given(seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe(seller.price("else", 500), workspace=workspace)
    reconcile()
    assert terms_of(workspace).plan == "free"
    assert ("unknown_price", pk) in Case.objects.filter(closed_at=None).values_list("kind", "reference")


def test_an_unknown_price_that_took_a_known_ones_place_is_no_drift(
    paid: str, seller: Seller, workspace: Workspace
) -> None:
    seller.move(paid, seller.price("else", 500))
    reconcile()
    assert found() == []
    assert list(Case.objects.values_list("kind", flat=True)) == ["unknown_price"]
    assert terms_of(workspace).plan == "pro"


def test_what_was_bought_while_it_looked_is_no_drift(paid: str) -> None:
    """The list is read before the row is written."""
    later = timezone.now() + timedelta(minutes=1)
    Subscription.objects.create(id="sub_new", customer_id="cus_x", status="active", started_at=later, synced_at=later)
    assert found() == []


def test_what_stripe_does_not_know_is_left_for_staff(seller: Seller, workspace: Workspace) -> None:
    row = Subscription.objects.create(
        id="sub_elsewhere", workspace=workspace, customer_id="cus_x", status="active", plan_id="pro",
        started_at=timezone.now(),
    )  # fmt: skip
    assert found() == [(row.pk, False)]
    assert Case.objects.get(kind="drift", reference=row.pk, closed_at=None)
    assert found() == [(row.pk, False)]


def test_a_case_is_closed_once_it_agrees(paid: str) -> None:
    Case.objects.create(kind="drift", reference=paid, detail="once")
    Subscription.objects.filter(pk=paid).update(status="unpaid")
    assert found() == [(paid, True)]
    assert not Case.objects.filter(closed_at=None).exists()


@pytest.mark.slow
def test_hundreds_are_paged_through(seller: Seller, workspace: Workspace) -> None:
    customer = seller.customer(workspace)
    pks = {seller.subscribe("pro", customer=customer) for _ in range(103)}
    assert reconcile(repair=False).checked == 103
    assert {drift.reference for drift in reconcile(repair=False).drifts} == pks


def test_a_dry_run_tells_and_changes_nothing(paid: str, workspace: Workspace) -> None:
    Subscription.objects.filter(pk=paid).update(status="canceled")
    before = AuditEntry.objects.count()
    assert found(repair=False) == [(paid, False)]
    assert Subscription.objects.get(pk=paid).status == "canceled"
    assert AuditEntry.objects.count() == before


def test_its_numbers_are_written_down(paid: str) -> None:
    Subscription.objects.filter(pk=paid).update(status="canceled")
    nightly()
    entry = last_run()
    assert entry is not None
    numbers = {name: entry.data[name] for name in ("checked", "found", "mended", "left")}
    assert numbers == {"checked": 1, "found": 1, "mended": 1, "left": 0}
    assert "status is canceled here and active there" in entry.data["told"][0]


def test_the_command_says_what_differed(paid: str, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("billing_reconcile")
    assert capsys.readouterr().out == "1 subscription compared: everything agrees.\n"
    Subscription.objects.filter(pk=paid).update(status="canceled")
    call_command("billing_reconcile", dry_run=True)
    told = capsys.readouterr().out
    assert f"{paid}: status is canceled here and active there" in told
    assert "1 differed; nothing was changed" in told
    call_command("billing_reconcile")
    assert "1 differed, 1 mended, 0 left" in capsys.readouterr().out


def test_the_command_ends_with_1_when_something_is_left(seller: Seller, workspace: Workspace) -> None:
    Subscription.objects.create(id="sub_x", customer_id="cus_x", status="active", started_at=timezone.now())
    with pytest.raises(CommandError, match="1 left"):
        call_command("billing_reconcile")


def test_while_stripe_is_away_nothing_is_judged(paid: str, seller: Seller, workspace: Workspace) -> None:
    seller.sandbox.down("500")
    with pytest.raises(AWAY):
        reconcile()
    with pytest.raises(CommandError, match="Stripe cannot be reached"):
        call_command("billing_reconcile")
    assert terms_of(workspace).plan == "pro"
    assert not Case.objects.exists()


def test_staff_read_one_again(paid: str, rita: User, olivia: User, seller: Seller, workspace: Workspace) -> None:
    row = Subscription.objects.get(pk=paid)
    Subscription.objects.filter(pk=paid).update(status="canceled")
    with pytest.raises(Forbidden):
        read_again(subscription=row, actor=olivia)
    assert read_again(subscription=row, actor=rita).status == "active"
    seller.move(paid, seller.price("else", 500))
    with pytest.raises(Conflict):
        read_again(subscription=row, actor=rita)
    seller.sandbox.down("500")
    with pytest.raises(Unavailable):
        read_again(subscription=row, actor=rita)


def test_a_price_that_was_replaced_is_no_drift(paid: str, seller: Seller) -> None:
    plan = Plan.objects.get(name="pro")
    seller.api.prices.update(plan.price_id_month, {"metadata": {"plan": "pro"}})
    plan.price_id_month = seller.price("pro/new", 5900)
    plan.save()
    assert reconcile().drifts == []


def test_drift_is_a_metric(seller: Seller, workspace: Workspace) -> None:
    assert "moondev_billing_drift{" not in generate_latest(metrics()).decode()
    seller.subscribe("pro", workspace=workspace)
    Subscription.objects.create(id="sub_x", customer_id="cus_x", status="active", started_at=timezone.now())
    reconcile()
    shown = generate_latest(metrics()).decode()
    # The subscription and its invoice.
    assert 'moondev_billing_drift{state="mended"} 2.0' in shown
    assert 'moondev_billing_drift{state="left"} 1.0' in shown
    assert "moondev_billing_open_cases 1.0" in shown
    assert "moondev_billing_compared_age_seconds" in shown


def metrics() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Live())
    return registry
