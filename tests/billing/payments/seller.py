"""A seller's account in the sandbox: prices on our plans and packs, and workspaces that buy them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from accounts.models import Workspace
from billing.models import AddOn, Plan, StripeEvent
from billing.payments import receivers
from billing.payments.marks import marks_of
from tests.billing.sandbox.fixture import Sandbox

GOOD, FAILS = "pm_card_visa", "pm_card_chargeCustomerFail"


class Seller:
    """What a test does at Stripe. It changes nothing of ours but the price ids of plans and packs."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.api = sandbox.api.v1
        self.prices: dict[str, str] = {}

    def stock(self) -> dict[str, str]:
        """Prices for pro and team by the month and the year, for packs of alerts, and for a year of history, once."""
        for plan in Plan.objects.filter(name__in=["pro", "team"]):
            plan.price_id_month = self.price(plan.name, plan.price_month_cents)
            plan.price_id_year = self.price(f"{plan.name}/year", plan.price_year_cents, "year")
            plan.save()
        for add_on in AddOn.objects.filter(name__in=["alerts-10", "history-year"]):
            add_on.price_id = self.price(add_on.name, add_on.price_cents, "month" if add_on.is_recurring else None)
            add_on.save()
        return self.prices

    def price(self, name: str, cents: int, interval: str | None = "month", **values: Any) -> str:
        """A price, kept under a name."""
        params: Any = {"currency": "usd", "unit_amount": cents, "product_data": {"name": name}, **values}
        if interval:
            params["recurring"] = {"interval": interval}
        self.prices[name] = self.api.prices.create(params).id
        return self.prices[name]

    def customer(self, workspace: Workspace | None = None, card: str = GOOD) -> str:
        """A customer with a card; of a workspace only by our mark."""
        marks = marks_of(workspace) if workspace else {}
        found = self.api.customers.create({"email": "olivia@example.com", "metadata": marks})
        self.use(found.id, card)
        return found.id

    def use(self, customer: str, card: str) -> str:
        """From now on this card is charged, unless a subscription has one of its own; its id."""
        method = self.api.payment_methods.attach(card, {"customer": customer})
        self.api.customers.update(customer, {"invoice_settings": {"default_payment_method": method.id}})
        return method.id

    def subscribe(self, *names: str, workspace: Workspace | None = None, **values: Any) -> str:
        """A subscription to one of each price; its id."""
        customer = values.pop("customer", None) or self.customer(workspace)
        items = [{"price": self.prices.get(name, name)} for name in names]
        marks = marks_of(workspace) if workspace else {}
        params: Any = {"customer": customer, "items": items, "metadata": marks, **values}
        return self.api.subscriptions.create(params).id

    def move(self, subscription: str, name: str, *, at: int = 0, **values: Any) -> None:
        """Sell another price, or more of it, by its first item or the one at a place, at once."""
        item = self.api.subscriptions.retrieve(subscription)["items"].data[at]
        items: Any = [{"id": item.id, "price": self.prices.get(name, name), **values}]
        self.api.subscriptions.update(subscription, {"items": items, "proration_behavior": "always_invoice"})

    def charge_of(self, subscription: str) -> str:
        """The charge of the newest paid invoice."""
        params: Any = {"subscription": subscription, "status": "paid", "expand": ["data.payments"]}
        invoice = self.api.invoices.list(params).data[0].to_dict()
        intent = invoice["payments"]["data"][0]["payment"]["payment_intent"]
        return str(self.api.charges.list({"payment_intent": intent}).data[0].id)

    def tell(self, *, since: int = 0) -> int:
        """Let our receivers have every event that there is after the first few, oldest first; how many there are."""
        events = list(self.api.events.list({"limit": 100}).auto_paging_iter())[::-1]
        for event in events[since:]:
            receivers.receive(row_of(event.to_dict()))
        return len(events)


def row_of(event: dict[str, Any]) -> StripeEvent:
    """The row of an event, not stored."""
    created = datetime.fromtimestamp(event["created"], UTC)
    return StripeEvent(pk=event["id"], type=event["type"], created_at=created, livemode=False, payload=event)
