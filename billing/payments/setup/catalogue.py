"""A product for each plan and add-on that is sold, and a price for each of its rhythms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import stripe

from billing import services
from billing.models import AddOn, Plan
from billing.models.addon import MONTHS_OF_A_YEARLY_PRICE
from billing.payments.marks import ADD_ON, PLAN
from billing.payments.setup.steps import Steps
from billing.payments.stripe_api import client
from billing.terms import FREE

CURRENCY = "usd"
Row = Plan | AddOn


@dataclass(frozen=True, slots=True)
class Sale:
    """A price that is to be in Stripe: of which row, kept in which of its fields, so many cents how often."""

    row: Row
    field: str
    cents: int
    # month, year, or empty: once.
    interval: str

    @property
    def price_id(self) -> str:
        return str(getattr(self.row, self.field))

    @property
    def lookup_key(self) -> str:
        """Names the price in Stripe whatever its id, as `pro_month`."""
        return f"{self.row.pk}_{self.interval or 'once'}"

    @property
    def marks(self) -> dict[str, str]:
        """What tells later whose price it was."""
        return {PLAN if isinstance(self.row, Plan) else ADD_ON: str(self.row.pk)}

    def __str__(self) -> str:
        return f"{self.lookup_key} (${self.cents / 100:,.2f})"

    def fits(self, price: stripe.Price) -> bool:
        """Whether a price of Stripe's asks for just this much in just this rhythm."""
        recurring = price.recurring
        rhythm = (recurring.interval, recurring.interval_count) if recurring else ("", 1)
        return (price.unit_amount, price.currency, rhythm) == (self.cents, CURRENCY, (self.interval, 1))


def set_prices(steps: Steps) -> dict[str, list[str]]:
    """Make what is missing and replace what costs something else now. Returns the plans' prices by product."""
    products: dict[str, list[str]] = {}
    for row in _rows():
        sales = list(sales_of(row))
        product = _set_product(row, sales, steps)
        prices = [price for sale in sales if (price := _set_price(sale, product, steps))]
        if isinstance(row, Plan) and prices:
            products[product] = prices
    return products


def sales_of(row: Row) -> Iterator[Sale]:
    """The prices that a row wants; what costs nothing is not sold."""
    if isinstance(row, Plan):
        wanted = [
            Sale(row, "price_id_month", row.price_month_cents, "month"),
            Sale(row, "price_id_year", row.price_year_cents, "year"),
        ]
    elif row.is_recurring:
        yearly = row.price_cents * MONTHS_OF_A_YEARLY_PRICE
        wanted = [Sale(row, "price_id", row.price_cents, "month"), Sale(row, "price_id_year", yearly, "year")]
    else:
        wanted = [Sale(row, "price_id", row.price_cents, "")]
    return (sale for sale in wanted if sale.cents)


def _rows() -> list[Row]:
    plans: list[Row] = [plan for plan in Plan.objects.exclude(name=FREE).order_by("rank") if any(sales_of(plan))]
    return [*plans, *AddOn.objects.filter(is_active=True, price_cents__gt=0)]


def _set_product(row: Row, sales: list[Sale], steps: Steps) -> str:
    """The id of the row's product: that of a price it has already, whose name is the operator's, else one of ours."""
    ours = f"moondev_{row.pk}"
    prices = [price for sale in sales if (price := _retrieve(sale.price_id))]
    product = _name_of(prices[0].product) if prices else ours
    if product == ours:
        _set_own_product(row, product, steps)
    return product


def _set_own_product(row: Row, product: str, steps: Steps) -> None:
    wanted: dict[str, Any] = {"name": row.title, **({"description": row.description} if row.description else {})}
    api = client().v1.products
    try:
        found = api.retrieve(product)
    except stripe.InvalidRequestError:
        params: Any = {"id": product, **wanted}
        steps.do(f"Created the product {product}.", lambda options: api.create(params, options))
        return
    if not found.active or any(getattr(found, name) != value for name, value in wanted.items()):
        params = {"active": True, **wanted}
        steps.do(f"Updated the product {product}.", lambda options: api.update(product, params, options))


def _set_price(sale: Sale, product: str, steps: Steps) -> str:
    """The id of a price that fits, stored in the row; empty where a dry run would only make it."""
    current = _retrieve(sale.price_id) or _by_lookup_key(sale)
    if current is not None and sale.fits(current):
        _mark(current, sale, steps)
        _store(sale, current.id, steps)
        return current.id
    made = steps.do(f"Created the price {sale}.", lambda options: _create(sale, product, options))
    if made is not None:
        _store(sale, made.id, steps)
    if current is not None:
        _archive(current, sale, steps)
    return made.id if made else ""


def _retrieve(price_id: str) -> stripe.Price | None:
    """A price by its id; None for no id, and for one of another account."""
    try:
        return client().v1.prices.retrieve(price_id) if price_id else None
    except stripe.InvalidRequestError:
        return None


def _by_lookup_key(sale: Sale) -> stripe.Price | None:
    """What an earlier run made and could not write down any more."""
    params: Any = {"lookup_keys": [sale.lookup_key], "active": True}
    return next(iter(client().v1.prices.list(params).data), None)


def _create(sale: Sale, product: str, options: stripe.RequestOptions) -> stripe.Price:
    params: Any = {
        "product": product,
        "currency": CURRENCY,
        "unit_amount": sale.cents,
        "lookup_key": sale.lookup_key,
        "transfer_lookup_key": True,
        "metadata": sale.marks,
        "tax_behavior": "exclusive",
    }
    if sale.interval:
        params["recurring"] = {"interval": sale.interval}
    return client().v1.prices.create(params, options)


def _mark(price: stripe.Price, sale: Sale, steps: Steps) -> None:
    """Sold, findable, and marked with what it sells."""
    if price.active and price.lookup_key == sale.lookup_key and _has_marks(price, sale):
        return
    params: Any = {
        "active": True,
        "lookup_key": sale.lookup_key,
        "transfer_lookup_key": True,
        "metadata": sale.marks,
    }
    line = f"Marked the price {price.id} as {sale.lookup_key}."
    steps.do(line, lambda options: client().v1.prices.update(price.id, params, options))


def _archive(price: stripe.Price, sale: Sale, steps: Steps) -> None:
    """No longer sold. Who pays it keeps paying it, and its mark says for what."""
    params: Any = {"active": False, "metadata": sale.marks}
    line = f"Archived the price {price.id}, which {sale.lookup_key} had before."
    steps.do(line, lambda options: client().v1.prices.update(price.id, params, options))


def _has_marks(price: stripe.Price, sale: Sale) -> bool:
    marked: dict[str, str] = price.to_dict()["metadata"]
    return all(marked.get(name) == value for name, value in sale.marks.items())


def _store(sale: Sale, price_id: str, steps: Steps) -> None:
    if sale.price_id == price_id:
        return
    steps.note(f"Stored {price_id} as the price {sale.lookup_key}.")
    if steps.is_dry:
        return
    setattr(sale.row, sale.field, price_id)
    if isinstance(sale.row, Plan):
        sale.row.save(update_fields=[sale.field])
    else:
        services.change_add_on(add_on=sale.row, actor=None)


def _name_of(product: str | stripe.Product) -> str:
    return product if isinstance(product, str) else product.id
