"""What an invoice comes to: lines, less discounts, plus taxes, less what the customer has as credit."""

from __future__ import annotations

from collections.abc import Sequence

from billing.sandbox.engine.periods import part_of
from billing.sandbox.store import Object, store

# The least that a card is charged; less than that is put on the customer's balance.
LEAST = 50


# A discount's id and the coupon behind it.
Coupons = Sequence[tuple[str, Object]]


def total_up(invoice: Object, coupons: Coupons, tax_rate: Object | None) -> None:
    """Write all sums of an invoice from its lines, its discounts and its tax rate (None: not taxed)."""
    lines = invoice["lines"]["data"]
    for line in lines:
        line["discount_amounts"], line["taxes"] = [], []
    for discount, coupon in coupons:
        _discount(lines, discount, coupon)
    for line in lines:
        line["discounts"] = [each["discount"] for each in line["discount_amounts"]]
        line["pretax_credit_amounts"] = [pretax(each) for each in line["discount_amounts"]]
        if tax_rate:
            line["taxes"] = [_tax(line, tax_rate)]
    _sum(invoice, lines)
    balance(invoice)


def balance(invoice: Object) -> None:
    """What is left to pay once the customer's credit (a negative balance) or debt is counted in."""
    due = invoice["total"] + invoice["starting_balance"]
    invoice["_ending_balance"] = min(due, 0) if due < LEAST else 0
    if 0 < due < LEAST:
        invoice["_ending_balance"] = due
    invoice["amount_due"] = due if due >= LEAST else 0
    invoice["amount_remaining"] = invoice["amount_due"] - invoice["amount_paid"]


def net(line: Object) -> int:
    """What a line costs after discounts, before taxes."""
    amount: int = line["amount"] - sum(each["amount"] for each in line["discount_amounts"])
    return amount


def pretax(amount: Object) -> Object:
    return {
        "amount": amount["amount"],
        "credit_balance_transaction": None,
        "discount": amount["discount"],
        "type": "discount",
    }


def _discount(lines: Sequence[Object], discount: str, coupon: Object) -> None:
    """Take a coupon off the lines that it is for, after the discounts before it."""
    for line, amount in zip(lines, shares(coupon, lines), strict=True):
        if amount:
            line["discount_amounts"].append({"amount": amount, "discount": discount})


def shares(coupon: Object, lines: Sequence[Object]) -> list[int]:
    """What a coupon takes off each line; a fixed amount is spread over them by what they cost."""
    open_ = [net(line) if _is_for(coupon, line) else 0 for line in lines]
    if coupon["percent_off"] is not None:
        return [part_of(amount, round(coupon["percent_off"] * 100), 10_000) for amount in open_]
    whole = sum(open_)
    off = min(coupon["amount_off"] or 0, whole)
    found: list[int] = []
    for amount in open_:
        # Each line gets its part of what is left, so that the parts sum up to the cent.
        part = part_of(off, amount, whole) if whole else 0
        found.append(part)
        off, whole = off - part, whole - amount
    return found


def _is_for(coupon: Object, line: Object) -> bool:
    products = (coupon.get("_applies_to") or {}).get("products")
    fits = not products or line["pricing"]["price_details"]["product"] in products
    return bool(line["discountable"] and line["amount"] > 0 and fits)


def _tax(line: Object, rate: Object) -> Object:
    price = store().get("price", line["pricing"]["price_details"]["price"])
    is_inclusive = price["tax_behavior"] == "inclusive"
    points = round(rate["percentage"] * 100)
    amount = part_of(net(line), points, 10_000 + points if is_inclusive else 10_000)
    return {
        "amount": amount,
        "tax_behavior": "inclusive" if is_inclusive else "exclusive",
        "tax_rate_details": {"tax_rate": rate["id"]},
        "taxability_reason": "standard_rated",
        "taxable_amount": net(line) - (amount if is_inclusive else 0),
        "type": "tax_rate_details",
    }


def _sum(invoice: Object, lines: Sequence[Object]) -> None:
    taxes = [tax for line in lines for tax in line["taxes"]]
    inclusive = sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "inclusive")
    exclusive = sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "exclusive")
    invoice["subtotal"] = sum(line["amount"] for line in lines)
    invoice["total_discount_amounts"] = _by_discount(lines)
    after = sum(net(line) for line in lines)
    invoice["subtotal_excluding_tax"] = invoice["subtotal"] - inclusive
    invoice["total_excluding_tax"] = after - inclusive
    invoice["total"] = after + exclusive
    invoice["total_taxes"] = _merged(taxes)
    invoice["total_pretax_credit_amounts"] = [pretax(each) for each in invoice["total_discount_amounts"]]


def _by_discount(lines: Sequence[Object]) -> list[Object]:
    sums: dict[str, int] = {}
    for each in (each for line in lines for each in line["discount_amounts"]):
        sums[each["discount"]] = sums.get(each["discount"], 0) + each["amount"]
    return [{"amount": amount, "discount": discount} for discount, amount in sums.items()]


def _merged(taxes: Sequence[Object]) -> list[Object]:
    found: dict[str, Object] = {}
    for tax in taxes:
        one = found.setdefault(tax["tax_behavior"], tax | {"amount": 0, "taxable_amount": 0})
        one["amount"] += tax["amount"]
        one["taxable_amount"] += tax["taxable_amount"]
    return list(found.values())
