"""To the second: the unused part of what was billed comes back, the rest of the period at the new price is owed."""

from __future__ import annotations

from billing.sandbox.engine import discounts, lines, subscriptions, totals
from billing.sandbox.engine.periods import day, part_of
from billing.sandbox.events import emit
from billing.sandbox.shapes import invoice as shapes
from billing.sandbox.store import Object, store


def credit(subscription: Object, item: Object, at: int) -> None:
    """Put the unused part of what was billed for an item on the customer's next invoice."""
    billed = _billed(subscription, item, at)
    if billed is None:
        return
    line, invoice = billed
    start, end = line["period"]["start"], line["period"]["end"]
    amount = part_of(_paid_for(line), end - at, end - start)
    if amount:
        text = f"Unused time on {_quantified(item)} after {day(at)}"
        _add(subscription, item, -amount, text, (at, end), credited=(line["id"], invoice))


def debit(subscription: Object, item: Object, at: int) -> None:
    """Put the rest of the running period at an item's price on the customer's next invoice."""
    start, end = item["current_period_start"], item["current_period_end"]
    whole = (item["price"]["unit_amount"] or 0) * item["quantity"]
    amount = part_of(discounts.less(whole, item["price"], subscription), end - at, end - start)
    if amount:
        _add(subscription, item, amount, f"Remaining time on {_quantified(item)} after {day(at)}", (at, end))


def _add(
    subscription: Object,
    item: Object,
    amount: int,
    text: str,
    period: tuple[int, int],
    credited: tuple[str, str | None] | None = None,
) -> None:
    """Let something wait for the next invoice; `credited` names what was billed before, and its invoice."""
    data = store()
    id = data.new_id("ii")
    parent = shapes.subscription_parent(item, proration=True, invoice_item=id)
    parent["subscription_item_details"]["proration_details"] = {"credited_items": _on_line(credited)}
    row = shapes.invoice_item(
        item["price"],
        id=id,
        amount=amount,
        customer=subscription["customer"],
        date=data.now(),
        description=text,
        net_amount=amount,
        parent={
            "subscription_details": {"subscription": subscription["id"], "subscription_item": item["id"]},
            "type": "subscription_details",
        },
        period={"start": period[0], "end": period[1]},
        proration=True,
        proration_details={"credited_items": _on_item(credited), "discount_amounts": []},
        quantity=item["quantity"],
    )
    row |= {"_subscription": subscription["id"], "_line_parent": parent}
    data.put("invoiceitem", row)
    emit("invoiceitem.created", row)


def _on_line(credited: tuple[str, str | None] | None) -> Object | None:
    """A line tells only of lines of invoices."""
    line, invoice = credited or ("", None)
    return {"invoice": invoice, "invoice_line_items": [line]} if invoice else None


def _on_item(credited: tuple[str, str | None] | None) -> Object | None:
    if credited is None:
        return None
    details = _on_line(credited)
    return {
        "invoice_item": None if details else credited[0],
        "invoice_line_item_details": details,
        "type": "invoice_line_items" if details else "invoice_item",
    }


def _billed(subscription: Object, item: Object, at: int) -> tuple[Object, str | None] | None:
    """The newest line that an item was billed with for a time, and its invoice; a line that waits has none yet."""
    customer = store().get("customer", subscription["customer"])
    for row in reversed(lines.waiting(customer, subscription)):
        if _covers(row, row["_line_parent"], item, at):
            return row, None
    for invoice in subscriptions.invoices_of(subscription):
        for line in invoice["lines"]["data"]:
            if invoice["status"] != "void" and _covers(line, line["parent"], item, at):
                return line, str(invoice["id"])
    return None


def _covers(line: Object, parent: Object | None, item: Object, at: int) -> bool:
    details = (parent or {}).get("subscription_item_details") or {}
    period = line["period"]
    is_items = details.get("subscription_item") == item["id"]
    return bool(is_items and line["amount"] > 0 and period["start"] <= at < period["end"])


def _paid_for(line: Object) -> int:
    if line["object"] == "invoiceitem":
        return int(line["amount"])
    return totals.net(line)


def _quantified(item: Object) -> str:
    name = lines.name_of(item["price"])
    return name if item["quantity"] == 1 else f"{item['quantity']} × {name}"
