"""Random walks through a customer's life: whatever is done, the books agree."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.billing.sandbox.fixture import GOOD_CARD, Sandbox
from tests.billing.sandbox.shop import Shop

pytestmark = pytest.mark.slow(0.8)

CARDS = (GOOD_CARD, GOOD_CARD, "4000000000000341", "4000002760003184")
METHODS = ("pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired")
BEHAVIORS = ("always_invoice", "create_prorations", "none")


class Walk:
    """A customer with a subscription, and steps that may be taken in any order."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.random = shop, random.Random(seed)
        self.plans = [
            shop.price(3000),
            shop.price(9000),
            shop.price(30_000, "year"),
            shop.price(90_000, "year"),
        ]
        self.packs = {"month": shop.price(500, name="Alerts"), "year": shop.price(5000, "year", "Alerts")}
        coupon = shop.api.coupons.create(params={"percent_off": 30, "duration": self.pick("once", "forever")})
        fields: dict[str, Any] = {"automatic_tax": {"enabled": self.pick(True, False)}}
        if self.pick(True, False):
            fields["discounts"] = [{"coupon": coupon.id}]
        if self.pick(True, False, False):
            fields["subscription_data"] = {"trial_period_days": 14}
        self.id = shop.subscribe(self.pick(*self.plans), card=self.pick(*CARDS), **fields).id

    def pick(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def step(self) -> None:
        """One thing that a customer or time does. Refusals and declines are answers; a broken server is not."""
        steps: tuple[Callable[[], object], ...] = (
            self.wait,
            self.wait,
            self.change_plan,
            self.change_packs,
            self.toggle_end,
            self.plan_ahead,
            self.change_card,
            self.pay,
            self.preview,
        )
        with contextlib.suppress(stripe.InvalidRequestError, stripe.CardError):
            self.pick(*steps)()

    def wait(self) -> None:
        self.shop.sandbox.advance(days=self.pick(0.5, 3, 11, 40, 200), seconds=self.pick(0, 1, 4000))

    def change_plan(self) -> None:
        item = self.shop.subscription(self.id)["items"].data[0]
        details = {
            "items": [{"id": item.id, "price": self.pick(*self.plans), "quantity": self.pick(1, 1, 3)}],
            "proration_behavior": self.pick(*BEHAVIORS),
            "proration_date": self.shop.sandbox.advance(),
        }
        behavior = {"payment_behavior": self.pick("allow_incomplete", "error_if_incomplete")}
        preview = self.shop.api.invoices.create_preview(
            params={"subscription": self.id, "subscription_details": details}
        )
        before = len(self.shop.invoices(self.id))
        self.shop.api.subscriptions.update(self.id, params={**details, **behavior})
        invoices = self.shop.invoices(self.id)
        if len(invoices) > before:
            # What was shown is what is charged.
            assert (preview.total, preview.amount_due) == (invoices[-1].total, invoices[-1].amount_due)

    def change_packs(self) -> None:
        items = self.shop.subscription(self.id)["items"].data
        if len(items) > 1:
            self.shop.api.subscription_items.delete(items[1].id, params={"proration_behavior": self.pick(*BEHAVIORS)})
            return
        price = self.packs[items[0].price.recurring.interval]
        params = {"subscription": self.id, "price": price, "proration_behavior": self.pick(*BEHAVIORS)}
        self.shop.api.subscription_items.create(params=params)

    def toggle_end(self) -> None:
        found = self.shop.subscription(self.id)
        self.shop.api.subscriptions.update(self.id, params={"cancel_at_period_end": not found.cancel_at_period_end})

    def plan_ahead(self) -> None:
        schedules = self.shop.api.subscription_schedules
        planned = self.shop.subscription(self.id).schedule
        if planned:
            schedules.release(planned)
            return
        made = schedules.create(params={"from_subscription": self.id})
        phase = made.phases[0]
        kept = [{"price": item.price, "quantity": item.quantity} for item in phase["items"]]
        phases = [
            {"items": kept, "start_date": phase.start_date, "end_date": phase.end_date},
            {"items": [{"price": self.pick(*self.plans)}], "proration_behavior": self.pick(*BEHAVIORS)},
        ]
        schedules.update(made.id, params={"phases": phases})

    def change_card(self) -> None:
        found = self.shop.subscription(self.id)
        method = self.shop.api.payment_methods.attach(self.pick(*METHODS), params={"customer": found.customer})
        self.shop.api.subscriptions.update(self.id, params={"default_payment_method": method.id})

    def pay(self) -> None:
        for invoice in self.shop.invoices(self.id):
            if invoice.status == "open":
                self.shop.api.invoices.pay(invoice.id)

    def preview(self) -> None:
        params = {"subscription": self.id, "preview_mode": self.pick("next", "recurring")}
        assert self.shop.api.invoices.create_preview(params=params).total is not None


def check_books(shop: Shop, subscription: str) -> None:
    """What must hold after any step."""
    found = shop.subscription(subscription)
    invoices = shop.invoices(subscription)
    for invoice in invoices:
        lines = invoice.lines.data
        off = sum(each.amount for line in lines for each in line.discount_amounts)
        tax = sum(each.amount for line in lines for each in line.taxes)
        assert invoice.subtotal == sum(line.amount for line in lines)
        assert invoice.total == invoice.subtotal - off + tax
        assert invoice.amount_remaining == invoice.amount_due - invoice.amount_paid
        if invoice.status == "paid":
            assert (invoice.amount_paid, invoice.next_payment_attempt) == (invoice.amount_due, None)
    charged = sum(charge.amount for charge in _all(shop.api.charges, found.customer) if charge.paid)
    assert charged == sum(invoice.amount_paid for invoice in invoices)
    finalized = [invoice for invoice in invoices if invoice.status != "draft"]
    last = max(finalized, key=lambda invoice: int(invoice.number.rpartition("-")[2]))
    assert shop.api.customers.retrieve(found.customer).balance == last.ending_balance
    if found.status in ("active", "trialing"):
        now = shop.sandbox.advance()
        for item in found["items"].data:
            assert item.current_period_start <= now < item.current_period_end
    assert len({item.current_period_end for item in found["items"].data}) == 1


def _all(service: Any, customer: str) -> list[Any]:
    return list(service.list(params={"customer": customer, "limit": 100}).auto_paging_iter())


@pytest.mark.parametrize("seed", range(6))
def test_it_keeps_its_books_in_order(sandbox: Sandbox, seed: int) -> None:
    shop = Shop(sandbox)
    walk = Walk(shop, seed)
    for _ in range(15):
        walk.step()
        check_books(shop, walk.id)
