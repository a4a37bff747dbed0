"""Packs that are paid once: given when they are paid, once, to whom they were sold, and gone with the money."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import AuditEntry, Workspace
from billing.limits import terms_of
from billing.models import AddOn, Boost, Case
from billing.payments.marks import marks_of
from billing.payments.packs import apply_payment
from billing.payments.suspension import judge_refund
from tests.billing.payments.seller import Seller

pytestmark = pytest.mark.django_db


def session_for(seller: Seller, workspace: Workspace | None, *prices: str, quantity: int = 1, **values: Any) -> Any:
    """A page that sells packs."""
    lines = [{"price": price, "quantity": quantity} for price in prices or (seller.prices["history-year"],)]
    params = {"mode": "payment", "line_items": lines, "success_url": "https://a.example/", **values}
    params["customer_email"] = "olivia@example.com"
    if workspace:
        params["metadata"] = marks_of(workspace)
    return seller.api.checkout.sessions.create(params)  # type: ignore[arg-type]


def buy(seller: Seller, workspace: Workspace | None, *prices: str, **values: Any) -> str:
    """Buy and pay; the session's id."""
    session = session_for(seller, workspace, *prices, **values)
    seller.sandbox.pay(str(session.url))
    return str(session.id)


def test_a_paid_pack_raises_the_number_for_its_days(seller: Seller, workspace: Workspace) -> None:
    session = buy(seller, workspace)
    (boost,) = apply_payment(session)
    assert boost.ends_at == boost.starts_at + timedelta(days=365)
    assert terms_of(workspace).history_days == 365
    assert boost.payment_id.startswith("pi_")
    assert AuditEntry.objects.get(action="pack.granted").workspace == workspace


def test_a_payment_gives_it_once(seller: Seller, workspace: Workspace) -> None:
    session = buy(seller, workspace, quantity=2)
    for _ in range(3):
        apply_payment(session)
    assert [boost.quantity for boost in Boost.objects.all()] == [2]
    apply_payment(buy(seller, workspace))
    assert Boost.objects.count() == 2


def test_it_lets_further_history_hold_after_the_first(seller: Seller, workspace: Workspace) -> None:
    (first,) = apply_payment(buy(seller, workspace))
    (second,) = apply_payment(buy(seller, workspace, quantity=2))
    assert first.ends_at is not None
    assert second.ends_at == first.ends_at + timedelta(days=2 * 365)


def test_who_has_not_paid_gets_nothing(seller: Seller, workspace: Workspace) -> None:
    session = session_for(seller, workspace)
    assert apply_payment(session.id) == []
    assert Boost.objects.count() == 0


def test_without_a_workspace_it_is_another_shops(seller: Seller) -> None:
    assert apply_payment(buy(seller, None)) == []
    assert (Boost.objects.count(), Case.objects.count()) == (0, 0)


def test_a_pack_without_a_price_of_ours_is_for_staff(seller: Seller, workspace: Workspace) -> None:
    session = buy(seller, workspace, seller.price("else", 500, None))
    assert apply_payment(session) == []
    case = Case.objects.get()
    assert (case.kind, case.reference, case.workspace) == ("unknown_price", session, workspace)


def test_a_pack_that_a_coupon_pays_for_is_given_too(seller: Seller, workspace: Workspace) -> None:
    coupon = seller.api.coupons.create({"percent_off": 100, "duration": "once"})
    session = session_for(seller, workspace, discounts=[{"coupon": coupon.id}])
    seller.sandbox.pay(str(session.url))
    (boost,) = apply_payment(session.id)
    assert boost.payment_id == session.id


def test_a_refund_takes_it_back_and_it_stays_so(seller: Seller, workspace: Workspace) -> None:
    session = buy(seller, workspace)
    apply_payment(session)
    charge = seller.api.charges.list().data[0].id
    seller.api.refunds.create({"charge": charge})
    judge_refund(charge)
    apply_payment(session)
    assert terms_of(workspace).history_days == 7
    assert Boost.objects.get().revoked_at is not None


def test_the_refund_may_come_first(seller: Seller, workspace: Workspace) -> None:
    session = buy(seller, workspace)
    charge = seller.api.charges.list().data[0].id
    seller.api.refunds.create({"charge": charge})
    judge_refund(charge)
    apply_payment(session)
    assert terms_of(workspace).history_days == 7


def test_a_part_of_it_back_is_for_staff(seller: Seller, workspace: Workspace) -> None:
    apply_payment(buy(seller, workspace))
    charge = seller.api.charges.list().data[0].id
    seller.api.refunds.create({"charge": charge, "amount": 100})
    judge_refund(charge)
    assert terms_of(workspace).history_days == 365
    assert Case.objects.get().kind == "partial_refund"


def test_a_lost_dispute_takes_it_back(seller: Seller, workspace: Workspace) -> None:
    apply_payment(buy(seller, workspace))
    charge = seller.api.charges.list().data[0].id
    dispute = seller.sandbox.lever("disputes", charge=charge, reason="fraudulent")["id"]
    seller.tell()
    assert (terms_of(workspace).history_days, Case.objects.get().kind) == (365, "dispute")
    seller.sandbox.lever(f"disputes/{dispute}/close", status="lost")
    seller.tell()
    assert terms_of(workspace).history_days == 7


def test_what_is_bought_keeps_its_days_when_staff_change_the_pack(seller: Seller, workspace: Workspace) -> None:
    (boost,) = apply_payment(buy(seller, workspace))
    AddOn.objects.filter(pk="history-year").update(valid_days=1)
    boost.refresh_from_db()
    assert boost.ends_at == boost.starts_at + timedelta(days=365)


def test_events_alone_give_it(seller: Seller, workspace: Workspace) -> None:
    buy(seller, workspace)
    seller.tell()
    assert terms_of(workspace).history_days == 365
