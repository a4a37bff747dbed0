"""A subscription's life: begun, renewed, ended. What changes in between is in changes.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from billing.sandbox.engine import discounts, invoices, lines
from billing.sandbox.engine.news import telling
from billing.sandbox.engine.periods import period_end
from billing.sandbox.events import emit
from billing.sandbox.shapes import subscription as shapes
from billing.sandbox.store import Object, store

UPDATED = "customer.subscription.updated"
LIVE = ("trialing", "active", "past_due", "unpaid", "paused")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An item that is asked for; `item` is the id of the one that it changes."""

    price: Object
    quantity: int = 1
    metadata: Object = field(default_factory=dict)
    item: str = ""


def begin(
    customer: Object,
    wanted: Sequence[Wanted],
    *,
    trial_end: int | None = None,
    coupons: Sequence[tuple[Object, Object | None]] = (),
    extra: Sequence[Object] = (),
    intent: Object | None = None,
    **fields: Any,
) -> Object:
    """Make a subscription with its first invoice, which is finalized and not charged yet.

    `extra` are more lines for that invoice; `intent` one that was begun at a page.
    """
    data = store()
    now = data.now()
    id = data.new_id("sub")
    anchor = trial_end or now
    end = trial_end or period_end(now, now, wanted[0].price["recurring"])
    items = [make_item(id, each, now, end) for each in wanted]
    subscription = shapes.subscription(
        items,
        id=id,
        billing_cycle_anchor=anchor,
        created=now,
        currency=wanted[0].price["currency"],
        customer=customer["id"],
        discounts=[discounts.redeem(*each, customer=customer["id"], subscription=id) for each in coupons],
        start_date=now,
        status="trialing" if trial_end else "incomplete",
        trial_start=now if trial_end else None,
        trial_end=trial_end,
        **fields,
    )
    data.put("subscription", subscription)
    with telling("customer.updated", customer):
        customer["currency"] = customer["currency"] or subscription["currency"]
    _first_invoice(customer, subscription, extra, intent)
    return subscription


def _first_invoice(customer: Object, subscription: Object, extra: Sequence[Object], intent: Object | None) -> None:
    write = lines.trial if subscription["trial_end"] else lines.recurring
    start, end = period(subscription)
    invoice = invoices.draft(
        customer,
        [write(item, start, end) for item in items_of(subscription)] + list(extra),
        reason="subscription_create",
        period=(start, start),
        subscription=subscription,
        reductions=discounts.live(subscription),
        taxed=subscription["automatic_tax"]["enabled"],
    )
    if not subscription["trial_end"]:
        discounts.spend(subscription)
    subscription["latest_invoice"] = invoice["id"]
    emit("customer.subscription.created", subscription)
    invoices.finalize(invoice, intent)
    if invoice["status"] == "paid":
        settle(subscription)


def make_item(subscription: str, wanted: Wanted, start: int, end: int) -> Object:
    data = store()
    return shapes.subscription_item(
        wanted.price,
        id=data.new_id("si"),
        created=data.now(),
        current_period_start=start,
        current_period_end=end,
        metadata=dict(wanted.metadata),
        quantity=wanted.quantity,
        subscription=subscription,
    )


def settle(subscription: Object) -> None:
    """What was due is paid."""
    if subscription["status"] in ("incomplete", "past_due", "unpaid"):
        with telling(UPDATED, subscription):
            subscription["status"] = "active"


def items_of(subscription: Object) -> list[Object]:
    found: list[Object] = subscription["items"]["data"]
    return found


def period(subscription: Object) -> tuple[int, int]:
    """The running period; all items of a subscription share it here."""
    item = items_of(subscription)[0]
    return item["current_period_start"], item["current_period_end"]


def renew(subscription: Object) -> None:
    """The period is over: begin the next one and write its invoice, which lies as a draft for an hour."""
    customer = store().get("customer", subscription["customer"])
    if subscription["status"] == "trialing" and not has_method(subscription, customer) and _stop_trial(subscription):
        return
    old = period(subscription)
    end = period_end(subscription["billing_cycle_anchor"], old[1], items_of(subscription)[0]["price"]["recurring"])
    with telling(UPDATED, subscription):
        if subscription["status"] == "trialing":
            subscription["status"] = "active"
        for item in items_of(subscription):
            item |= {"current_period_start": old[1], "current_period_end": end}
        _renewal_invoice(customer, subscription, old)


def _renewal_invoice(customer: Object, subscription: Object, old: tuple[int, int]) -> None:
    start, end = period(subscription)
    is_unpaid = subscription["status"] == "unpaid"
    invoice_from(
        customer,
        subscription,
        [lines.recurring(item, start, end) for item in items_of(subscription)],
        reason="subscription_cycle",
        period=old,
        auto_advance=not is_unpaid,
        automatically_finalizes_at=None if is_unpaid else store().now() + invoices.DRAFT_SECONDS,
    )


def invoice_from(customer: Object, subscription: Object, own: Sequence[Object], **fields: Any) -> Object:
    """A draft of these lines and of all that waits for a subscription's next invoice; it is its latest from now on."""
    rows, pending = lines.take(customer, subscription)
    invoice = invoices.draft(
        customer,
        [*pending, *own],
        subscription=subscription,
        reductions=discounts.live(subscription),
        taxed=subscription["automatic_tax"]["enabled"],
        **fields,
    )
    for row in rows:
        row["invoice"] = invoice["id"]
    if own:
        discounts.spend(subscription)
    subscription["latest_invoice"] = invoice["id"]
    return invoice


def has_method(subscription: Object, customer: Object) -> bool:
    return method_of(subscription, customer) is not None


def method_of(subscription: Object | None, customer: Object) -> Object | None:
    """What an invoice is charged to: the subscription's own method, else the customer's."""
    own = subscription["default_payment_method"] if subscription else None
    id = own or customer["invoice_settings"]["default_payment_method"]
    found = store().objects.get(id or "")
    return found if found and found["customer"] == customer["id"] else None


def _stop_trial(subscription: Object) -> bool:
    """A trial is over and there is nothing to charge. False when it goes on with an invoice all the same."""
    match subscription["trial_settings"]["end_behavior"]["missing_payment_method"]:
        case "cancel":
            end(subscription, None)
        case "pause":
            with telling(UPDATED, subscription):
                subscription["status"] = "paused"
            emit("customer.subscription.paused", subscription)
        case _:
            return False
    return True


def end(subscription: Object, reason: str | None, comment: str | None = None, feedback: str | None = None) -> None:
    """It is over, now. Open invoices are charged no more by themselves."""
    data = store()
    details = subscription["cancellation_details"]
    subscription |= {
        "status": "canceled",
        "ended_at": data.now(),
        "canceled_at": subscription["canceled_at"] or data.now(),
        "cancellation_details": details
        | {
            "reason": reason or details["reason"],
            "comment": comment or details["comment"],
            "feedback": feedback or details["feedback"],
        },
    }
    _let_go(subscription)
    emit("customer.subscription.deleted", subscription)


def _let_go(subscription: Object) -> None:
    data = store()
    for invoice in invoices_of(subscription):
        if invoice["status"] in ("draft", "open"):
            invoices.rest(invoice)
    schedule = data.objects.get(subscription["schedule"] or "")
    if schedule:
        schedule |= {"status": "canceled", "canceled_at": data.now(), "current_phase": None}
        subscription["schedule"] = None
        emit("subscription_schedule.canceled", schedule)


def expire(subscription: Object) -> None:
    """The first payment was not made within 23 hours."""
    with telling(UPDATED, subscription):
        subscription |= {"status": "incomplete_expired", "ended_at": store().now()}
    for invoice in invoices_of(subscription):
        if invoice["status"] == "open":
            invoices.close(invoice, "void")


def invoices_of(subscription: Object) -> list[Object]:
    """All invoices of a subscription, the newest first."""
    return [row for row in store().rows("invoice") if subscription_of(row) == subscription["id"]]


def subscription_of(invoice: Object) -> str | None:
    parent = invoice["parent"]
    return parent["subscription_details"]["subscription"] if parent else None
