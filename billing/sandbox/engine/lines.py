"""Lines of invoices: what an item costs for a period, a trial for nothing, what waits from a change."""

from __future__ import annotations

from billing.sandbox.shapes import invoice as shapes
from billing.sandbox.store import Object, store

SIGNS = {"usd": "$", "eur": "€", "gbp": "£"}


def recurring(item: Object, start: int, end: int) -> Object:
    """An item's full price for a period."""
    price, quantity = item["price"], item["quantity"]
    rate = f"{money(price['unit_amount'] or 0, price['currency'])} / {price['recurring']['interval']}"
    return shapes.line(
        price,
        amount=(price["unit_amount"] or 0) * quantity,
        description=f"{quantity} × {name_of(price)} (at {rate})",
        metadata=dict(item["metadata"]),
        parent=shapes.subscription_parent(item, proration=False),
        period={"start": start, "end": end},
        quantity=quantity,
        subscription=item["subscription"],
    )


def trial(item: Object, start: int, end: int) -> Object:
    """The days for which nothing is due."""
    return recurring(item, start, end) | {
        "amount": 0,
        "subtotal": 0,
        "description": f"Trial period for {name_of(item['price'])}",
    }


def once(price: Object, quantity: int) -> Object:
    """Something that is paid once."""
    now = store().now()
    return shapes.line(
        price,
        amount=(price["unit_amount"] or 0) * quantity,
        description=name_of(price),
        period={"start": now, "end": now},
        quantity=quantity,
    )


def waiting(customer: Object, subscription: Object | None) -> list[Object]:
    """The invoice items that go on the next invoice, the oldest first."""
    rows = store().rows("invoiceitem", customer=customer["id"])
    wanted = subscription["id"] if subscription else None
    return [row for row in reversed(rows) if row["invoice"] is None and row["_subscription"] == wanted]


def of_item(row: Object) -> Object:
    """An invoice item as the line that it becomes."""
    price = store().get("price", row["pricing"]["price_details"]["price"])
    return shapes.line(
        price,
        amount=row["amount"],
        description=row["description"],
        discountable=row["discountable"],
        metadata=dict(row["metadata"]),
        parent=row["_line_parent"] | {},
        period=dict(row["period"]),
        quantity=row["quantity"],
        subscription=row["_subscription"],
    )


def take(customer: Object, subscription: Object | None) -> tuple[list[Object], list[Object]]:
    """The waiting items and their lines."""
    rows = waiting(customer, subscription)
    return rows, [of_item(row) for row in rows]


def name_of(price: Object) -> str:
    product = store().objects.get(price["product"])
    return str(product["name"]) if product else str(price["nickname"] or price["id"])


def money(cents: int, currency: str) -> str:
    """An amount as a customer reads it."""
    sign = "-" if cents < 0 else ""
    mark = SIGNS.get(currency, f"{currency.upper()} ")
    return f"{sign}{mark}{abs(cents) / 100:,.2f}"
