"""What a checkout session comes to: its lines, coupons and taxes."""

from __future__ import annotations

from billing.sandbox.engine import lines, subscriptions, totals
from billing.sandbox.engine.subscriptions import Wanted
from billing.sandbox.expand import includes
from billing.sandbox.resources.tax_rates import automatic_rate
from billing.sandbox.shapes import invoice as invoice_shapes
from billing.sandbox.shapes import listed
from billing.sandbox.shapes import session as shapes
from billing.sandbox.store import Object, store

DAY = 86_400


def sum_up(session: Object) -> Object:
    """Write a session's totals; the answer is what its first invoice will say."""
    bill = invoice_shapes.invoice(lines_of(session))
    coupons = [("", store().get("coupon", coupon)) for coupon, _ in session["_coupons"]]
    totals.total_up(bill, coupons, automatic_rate() if session["automatic_tax"]["enabled"] else None)
    taxed = sum(tax["amount"] for tax in bill["total_taxes"])
    session |= {"amount_subtotal": bill["subtotal"], "amount_total": bill["total"]}
    session["total_details"] = {
        "amount_discount": sum(each["amount"] for each in bill["total_discount_amounts"]),
        "amount_shipping": 0,
        "amount_tax": taxed,
        "_breakdown": {"discounts": [], "taxes": [_tax_part(tax) for tax in bill["total_taxes"]]},
    }
    return bill


def _tax_part(tax: Object) -> Object:
    return {
        "amount": tax["amount"],
        "rate": automatic_rate(),
        "taxability_reason": tax["taxability_reason"],
        "taxable_amount": tax["taxable_amount"],
    }


@includes("", "breakdown")
def breakdown(total_details: Object) -> Object:
    """What the sums of a session are made of."""
    found: Object = total_details["_breakdown"]
    return found


@includes("item", "discounts")
def discounts_of(item: Object) -> list[Object]:
    """A session's coupons become discounts when it is paid; until then its lines only tell their sum."""
    return []


@includes("item", "taxes")
def taxes_of(item: Object) -> list[Object]:
    taxes: list[Object] = item["_taxes"]
    return taxes


def trial_end(session: Object) -> int | None:
    """When the trial of a subscription that is begun now would end."""
    days: int | None = session["_trial"]["days"]
    end: int | None = session["_trial"]["end"]
    return store().now() + days * DAY if days else end


def lines_of(session: Object) -> list[Object]:
    found = []
    for row in session["_items"]:
        price = store().get("price", row["price"])
        if not price["recurring"]:
            found.append(lines.once(price, row["quantity"]))
            continue
        item = subscriptions.make_item("", Wanted(price, row["quantity"]), 0, 0)
        found.append((lines.trial if trial_end(session) else lines.recurring)(item, 0, 0))
    return found


@includes("checkout.session", "line_items")
def line_items(session: Object) -> Object:
    """The lines of a session as its own kind of object."""
    bill = sum_up(session)
    rows = [_line_item(row, line) for row, line in zip(session["_items"], bill["lines"]["data"], strict=True)]
    return listed(rows, f"/v1/checkout/sessions/{session['id']}/line_items")


def _line_item(row: Object, line: Object) -> Object:
    price = store().get("price", row["price"])
    tax = sum(each["amount"] for each in line["taxes"] if each["tax_behavior"] == "exclusive")
    item = shapes.line_item(
        price,
        id=row["id"],
        amount_discount=line["amount"] - totals.net(line),
        amount_subtotal=line["amount"],
        amount_tax=sum(each["amount"] for each in line["taxes"]),
        amount_total=totals.net(line) + tax,
        description=lines.name_of(price),
        quantity=row["quantity"],
    )
    return item | {"_taxes": [_tax_part(tax) for tax in line["taxes"]]}
