"""Rows deleted and changed by hand, and news that never came: the nightly comparison finds and mends each of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, User, Workspace
from billing.limits import terms_of
from billing.models import Boost, Case, Claim, Customer, Entitlement, Subscription
from billing.payments.packs import apply_payment
from billing.payments.receivers import take
from billing.payments.reconcile import reconcile
from billing.payments.subscriptions import apply_subscription
from billing.payments.suspension import judge_refund, lift_suspension
from tests.billing.payments.seller import FAILS, Seller
from tests.billing.payments.test_packs import buy

pytestmark = [pytest.mark.django_db, pytest.mark.slow(1)]


@pytest.fixture
def paid(seller: Seller, workspace: Workspace) -> str:
    """Olivia's workspace pays for Pro with ten more alerts, and has paid for a year of history."""
    pk = seller.subscribe("pro", "alerts-10", workspace=workspace)
    apply_subscription(pk)
    apply_payment(buy(seller, workspace))
    reconcile()
    assert reconcile().drifts == []
    return pk


def soon() -> Any:
    return timezone.now() + timedelta(hours=1)


def once() -> Any:
    return Boost.objects.filter(subscription=None)


def rows() -> dict[str, Any]:
    """Everything that is held, without what a row made anew has of its own."""
    own = ("id", "created_at", "synced_at")
    held = {
        "subscriptions": Subscription.objects.all(),
        "customers": Customer.objects.all(),
        "plans": Entitlement.objects.filter(revoked_at=None).order_by("pk"),
        "packs": Boost.objects.filter(revoked_at=None).order_by("add_on"),
    }
    new = {"plans": ("starts_at",), "packs": ("starts_at",)}
    return {
        name: [{key: value for key, value in row.items() if key not in (*own, *new.get(name, ()))} for row in found]
        for name, found in ((name, query.values()) for name, query in held.items())
    }


BY_HAND: dict[str, Callable[[Workspace], Any]] = {
    "a customer is deleted": lambda stranger: Customer.objects.all().delete(),
    "a customer is let go of": lambda stranger: Customer.objects.update(is_current=False),
    "a subscription is a stranger's": lambda stranger: Subscription.objects.update(workspace=stranger),
    "a downgrade is made up": lambda stranger: Subscription.objects.update(next_plan="team", next_at=soon()),
    "a suspension is made up": lambda stranger: Subscription.objects.update(suspended_at=timezone.now()),
    "a plan has an end": lambda stranger: Entitlement.objects.update(ends_at=soon()),
    "packs have an end": lambda stranger: Boost.objects.exclude(subscription=None).update(ends_at=soon()),
    "packs are a stranger's": lambda stranger: Boost.objects.exclude(subscription=None).update(workspace=stranger),
    "a pack is deleted": lambda stranger: once().delete(),
    "a pack is taken away": lambda stranger: once().update(revoked_at=timezone.now()),
    "a pack is multiplied": lambda stranger: once().update(quantity=9),
    "a pack is for ever": lambda stranger: once().update(ends_at=None),
    "a pack is a stranger's": lambda stranger: once().update(workspace=stranger),
}


def test_what_is_changed_by_hand_is_found_and_mended(
    paid: str, workspace: Workspace, strangers_workspace: Workspace
) -> None:
    """One shop for all of them: each is mended before the next."""
    AuditEntry.objects.filter(action="pack.granted").update(at=timezone.now() - timedelta(days=90))
    right, wrong = rows(), []
    for name, change in BY_HAND.items():
        change(strangers_workspace)
        report = reconcile()
        if report.mended < 1 or report.left or rows() != right or terms_of(strangers_workspace).plan != "free":
            wrong.append((name, report.drifts))
    assert wrong == []
    assert reconcile().drifts == []
    assert (terms_of(workspace).plan, terms_of(workspace).alerts, terms_of(workspace).history_days) == ("pro", 30, 365)


def suspended(seller: Seller, pk: str) -> str:
    """Suspend a subscription; the charge that went back."""
    charge = seller.charge_of(pk)
    seller.api.refunds.create({"charge": charge})
    judge_refund(charge)
    return charge


@pytest.mark.parametrize("is_deleted", [True, False])
def test_a_suspension_is_not_shaken_off(is_deleted: bool, paid: str, seller: Seller, workspace: Workspace) -> None:
    seller.sandbox.advance(days=32)
    charge = suspended(seller, paid)
    reconcile()
    before = rows()["subscriptions"]
    if is_deleted:
        Subscription.objects.all().delete()
    else:
        Subscription.objects.update(suspended_at=None, suspended_because="", suspended_by=[])
    assert [drift.is_mended for drift in reconcile().drifts] == [True]
    after = rows()["subscriptions"]
    # The moment is that of the deed in the log.
    assert before[0].pop("suspended_at") <= after[0].pop("suspended_at")
    assert (after, terms_of(workspace).plan, charge in after[0]["suspended_by"]) == (before, "free", True)


def test_what_staff_have_lifted_stays_lifted(paid: str, seller: Seller, workspace: Workspace, rita: User) -> None:
    suspended(seller, paid)
    lift_suspension(subscription=Subscription.objects.get(), actor=rita, reason="goodwill")
    Subscription.objects.all().delete()
    assert [drift.is_mended for drift in reconcile().drifts] == [True]
    assert terms_of(workspace).plan == "pro"


def test_a_refund_whose_news_was_lost_suspends(paid: str, seller: Seller, workspace: Workspace) -> None:
    charge = seller.charge_of(paid)
    seller.api.refunds.create({"charge": charge})
    assert [(drift.reference, drift.is_mended) for drift in reconcile(repair=False).drifts] == [(charge, False)]
    assert terms_of(workspace).plan == "pro"
    assert [(drift.reference, drift.is_mended) for drift in reconcile().drifts] == [(charge, True)]
    assert (terms_of(workspace).plan, reconcile().drifts) == ("free", [])


def test_a_pack_whose_refund_was_lost_goes(paid: str, seller: Seller, workspace: Workspace) -> None:
    payment = once().get().payment_id
    (charge,) = seller.api.charges.list({"payment_intent": payment}).data
    seller.api.refunds.create({"charge": charge.id})
    assert [drift.is_mended for drift in reconcile().drifts] == [True]
    assert (terms_of(workspace).history_days, reconcile().drifts) == (90, [])


def test_disputes_and_partial_refunds_whose_news_was_lost_are_for_staff(paid: str, seller: Seller) -> None:
    charge = seller.charge_of(paid)
    seller.api.refunds.create({"charge": charge, "amount": 100})
    dispute = seller.sandbox.lever("disputes", charge=charge, reason="fraudulent")["id"]
    assert {drift.reference for drift in reconcile().drifts} == {charge, dispute}
    assert set(Case.objects.filter(closed_at=None).values_list("reference", flat=True)) == {charge, dispute}
    assert reconcile().drifts == []
    Case.objects.update(closed_at=timezone.now())
    assert reconcile().drifts == []
    seller.sandbox.lever(f"disputes/{dispute}/close", status="lost")
    assert [drift.reference for drift in reconcile().drifts] == [dispute]


def test_a_grace_is_not_moved(seller: Seller, workspace: Workspace) -> None:
    customer = seller.customer(workspace)
    pk = seller.subscribe("pro", workspace=workspace, customer=customer)
    apply_subscription(pk)
    seller.use(customer, FAILS)
    seller.sandbox.advance(days=32)
    apply_subscription(pk)
    reconcile()
    right, later = rows(), timezone.now() + timedelta(days=3650)
    Subscription.objects.update(grace_ends_at=later)
    Entitlement.objects.update(ends_at=later)
    assert [drift.is_mended for drift in reconcile().drifts] == [True]
    assert rows() == right
    assert reconcile().drifts == []


def test_a_buyer_whose_link_was_deleted_gets_another(seller: Seller, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        take(seller.subscribe("pro"))
    Claim.objects.all().delete()
    assert [drift.is_mended for drift in reconcile(repair=False).drifts] == [False]
    with django_capture_on_commit_callbacks(execute=True):
        assert [drift.is_mended for drift in reconcile().drifts] == [True]
    assert Claim.objects.get().mailed_at is not None


def test_a_claimed_subscription_stays_where_its_buyer_brought_it(
    seller: Seller, workspace: Workspace, strangers_workspace: Workspace
) -> None:
    pk = seller.subscribe("pro")
    row = take(pk)
    assert row is not None
    Customer.objects.create(pk=row.customer_id, workspace=workspace)
    AuditEntry.objects.create(action="claim.accepted", workspace=workspace, target=pk)
    Subscription.objects.update(workspace=strangers_workspace)
    apply_subscription(pk)
    assert (terms_of(workspace).plan, terms_of(strangers_workspace).plan) == ("pro", "free")
    # Of one customer's two subscriptions the second was brought elsewhere.
    Customer.objects.update(workspace=strangers_workspace)
    apply_subscription(pk)
    assert (terms_of(workspace).plan, terms_of(strangers_workspace).plan) == ("pro", "free")
