"""A small shop on the sandbox: two plans, a pack, and buyers of them."""

from __future__ import annotations

from typing import Any

from tests.billing.sandbox.fixture import GOOD_CARD, Sandbox

SUCCESS = "http://shop.example/done?session={CHECKOUT_SESSION_ID}"
CANCEL = "http://shop.example/plans"


class Shop:
    """What a test buys from. Prices are in cents a month unless it says otherwise."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        # The SDK's types do not know what was expanded, and see every answer's field as maybe missing.
        self.api: Any = sandbox.api.v1

    def price(self, cents: int, interval: str | None = "month", name: str = "Pro", **fields: Any) -> str:
        """A price of a new product; interval None: paid once."""
        recurring = {"recurring": {"interval": interval}} if interval else {}
        params = {"currency": "usd", "unit_amount": cents, "product_data": {"name": name}, **recurring, **fields}
        return str(self.api.prices.create(params=params).id)

    def session(self, *prices: str, mode: str = "subscription", **fields: Any) -> Any:
        """A session for one of each price."""
        items = [{"price": price, "quantity": 1} for price in prices]
        buyer = {} if "customer" in fields else {"customer_email": "olivia@example.com"}
        params = {"mode": mode, "line_items": items, "success_url": SUCCESS, "cancel_url": CANCEL, **buyer, **fields}
        return self.api.checkout.sessions.create(params=params)

    def subscribe(self, *prices: str, card: str = GOOD_CARD, **fields: Any) -> Any:
        """Buy through the payment page."""
        session = self.session(*prices, **fields)
        page = self.sandbox.pay(str(session.url), card)
        assert page.url.startswith("http://shop.example/done"), page.text
        return self.subscription(str(self.api.checkout.sessions.retrieve(session.id).subscription))

    def subscription(self, id: str) -> Any:
        return self.api.subscriptions.retrieve(id)

    def invoices(self, subscription: str) -> list[Any]:
        """The invoices of a subscription with their payments, the oldest first."""
        params: Any = {"subscription": subscription, "limit": 100, "expand": ["data.payments"]}
        return list(reversed(self.api.invoices.list(params=params).data))

    def events(self, after: int = 0) -> list[str]:
        """The types of all events, the oldest first, without the first few."""
        types = [event.type for event in self.api.events.list(params={"limit": 100}).data]
        return list(reversed(types))[after:]
