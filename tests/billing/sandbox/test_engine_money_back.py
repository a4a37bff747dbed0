"""Money that goes back: refunds and disputes."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.billing.sandbox.fixture import Sandbox
from tests.billing.sandbox.shop import Shop


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    return Shop(sandbox)


@pytest.fixture
def charge(shop: Shop) -> Any:
    shop.subscribe(shop.price(4900))
    return shop.api.charges.list().data[0]


def test_it_refunds_in_parts(shop: Shop, charge: Any) -> None:
    first = shop.api.refunds.create(params={"charge": charge.id, "amount": 900, "reason": "requested_by_customer"})
    assert (first.status, first.amount, first.payment_intent) == ("succeeded", 900, charge.payment_intent)
    found = shop.api.charges.retrieve(charge.id, params={"expand": ["refunds"]})
    assert (found.amount_refunded, found.refunded, [row.id for row in found.refunds.data]) == (900, False, [first.id])
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        shop.api.refunds.create(params={"charge": charge.id, "amount": 4001})
    second = shop.api.refunds.create(params={"payment_intent": str(charge.payment_intent)})
    assert second.amount == 4000
    assert shop.api.charges.retrieve(charge.id).refunded
    with pytest.raises(stripe.InvalidRequestError, match="already been refunded"):
        shop.api.refunds.create(params={"charge": charge.id})
    assert shop.events()[-2:] == ["charge.refunded", "refund.created"]


@pytest.mark.parametrize(("status", "moves"), [("won", [-4900, 4900]), ("lost", [-4900])])
def test_it_is_disputed(shop: Shop, charge: Any, status: str, moves: list[int]) -> None:
    made = shop.sandbox.lever("disputes", charge=charge.id, reason="product_not_received")
    dispute = shop.api.disputes.retrieve(made["id"])
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "product_not_received", 4900)
    assert shop.api.charges.retrieve(charge.id).disputed
    assert shop.events()[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    shop.sandbox.lever(f"disputes/{dispute.id}/close", status=status)
    dispute = shop.api.disputes.retrieve(dispute.id)
    assert dispute.status == status
    assert [move.amount for move in dispute.balance_transactions] == moves
    assert shop.events()[-1] == "charge.dispute.closed"


def test_it_is_disputed_by_a_card_for_it(shop: Shop) -> None:
    shop.subscribe(shop.price(4900), card="4000000000000259")
    shop.sandbox.advance(seconds=2)
    assert [dispute.status for dispute in shop.api.disputes.list().data] == ["needs_response"]


def test_it_finds_the_invoice_of_a_charge(shop: Shop, charge: Any) -> None:
    """No charge names its invoice in this version; the invoice's payment does."""
    payments = shop.api.invoice_payments.list(
        params={"payment": {"type": "payment_intent", "payment_intent": str(charge.payment_intent)}}
    )
    assert [shop.api.invoices.retrieve(str(row.invoice)).total for row in payments.data] == [4900]
