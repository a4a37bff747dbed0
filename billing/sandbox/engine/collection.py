"""Getting an invoice paid, and what follows for its subscription when it is not: retries, then the end."""

from __future__ import annotations

from billing.sandbox.engine import cards, invoices, subscriptions
from billing.sandbox.engine.news import telling
from billing.sandbox.store import Object, store

DAY = 86_400
# Days from one failed attempt to the next, as in the usual retry rules of an account without smart retries.
RETRY_DAYS = (3, 5, 7)
# What becomes of the subscription after the last one: canceled, unpaid, or still past_due.
AFTERMATHS = ("cancel", "unpaid", "past_due")


def advance(invoice: Object) -> None:
    """Finalize a draft and charge it, where that is nobody else's business."""
    if invoice["status"] == "draft":
        invoices.finalize(invoice)
    if invoice["status"] == "open" and invoice["collection_method"] == "charge_automatically":
        charge(invoice)
    else:
        follow(invoice)


def charge(invoice: Object, method: Object | None = None) -> cards.Trouble | None:
    """Charge an open invoice, with nobody present, to a method or to what is on file; None when it is paid."""
    data = store()
    customer = data.get("customer", invoice["customer"])
    subscription = subscription_of(invoice)
    method = data.objects.get(invoice["default_payment_method"] or "") or subscriptions.method_of(
        subscription, customer
    )
    if method is None:
        problem: cards.Trouble | None = {
            "code": "missing",
            "message": "This customer has no attached payment source or default payment method.",
        }
        invoices.missed(invoice, None)
    else:
        problem = invoices.collect(invoice, method, present=False)
    follow(invoice)
    return problem


def pay_present(invoice: Object, method: Object, *, confirmed: bool = False) -> cards.Trouble | None:
    """Charge an open invoice to a method while its customer sits at a page."""
    problem = invoices.collect(invoice, method, present=True, confirmed=confirmed)
    if problem is None:
        follow(invoice)
    return problem


def follow(invoice: Object) -> None:
    """Let the subscription follow what has become of its invoice."""
    subscription = subscription_of(invoice)
    if subscription is None or subscription["status"] in ("canceled", "incomplete_expired"):
        return
    if invoice["status"] == "paid":
        if invoice["id"] == subscription["latest_invoice"]:
            subscriptions.settle(subscription)
    elif invoice["status"] == "open" and subscription["status"] != "incomplete":
        _fall_behind(invoice, subscription)


def _fall_behind(invoice: Object, subscription: Object) -> None:
    tried = invoice["attempt_count"]
    if tried > len(RETRY_DAYS):
        invoices.rest(invoice)
        _give_up(subscription)
        return
    with telling("invoice.updated", invoice):
        invoice["next_payment_attempt"] = store().now() + RETRY_DAYS[max(tried, 1) - 1] * DAY
    if subscription["status"] in ("active", "trialing"):
        with telling(subscriptions.UPDATED, subscription):
            subscription["status"] = "past_due"


def _give_up(subscription: Object) -> None:
    aftermath = store().aftermath
    if aftermath == "cancel":
        subscriptions.end(subscription, "payment_failed")
    elif aftermath == "unpaid":
        with telling(subscriptions.UPDATED, subscription):
            subscription["status"] = "unpaid"


def subscription_of(invoice: Object) -> Object | None:
    id = subscriptions.subscription_of(invoice)
    return store().get("subscription", id) if id else None
