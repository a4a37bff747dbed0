"""What an invoice would say: the change is made on a copy, and its invoice read."""

from __future__ import annotations

from billing.sandbox.calls import terms
from billing.sandbox.engine import changes, lines, subscriptions
from billing.sandbox.engine.rehearsal import rehearsal
from billing.sandbox.engine.subscriptions import Wanted
from billing.sandbox.errors import Missing, Refused
from billing.sandbox.forms import Params
from billing.sandbox.http import needed, reference
from billing.sandbox.store import Object, store

TAKES = "automatic_tax currency customer customer_details discounts preview_mode subscription subscription_details"


def preview(params: Params) -> Object:
    """The next invoice of a subscription, of a change to it, or the first one of a new subscription."""
    subscription = reference("subscription", params, "subscription")
    details = params.mapping("subscription_details")
    with rehearsal():
        if subscription:
            return _of_running(store().get("subscription", subscription["id"]), details)
        return _of_new(params, details)


def _of_running(subscription: Object, details: Params) -> Object:
    if subscription["status"] not in subscriptions.LIVE:
        raise Refused(
            "You cannot preview the upcoming invoice for a canceled subscription.", code="invoice_upcoming_none"
        )
    change = terms.change(subscription, details)
    end = terms.cancellation(details)
    invoice = changes.apply(subscription, change) if change else None
    if end:
        terms.set_cancellation(subscription, end)
    if invoice is None:
        invoice = _renewal(subscription)
    return _previewed(invoice)


def _renewal(subscription: Object) -> Object:
    """The invoice with which the next period will begin, or the last one of what waits."""
    data = store()
    customer = data.get("customer", subscription["customer"])
    end = subscriptions.period(subscription)[1]
    if subscription["cancel_at"] is not None and subscription["cancel_at"] <= end:
        if not lines.waiting(customer, subscription):
            raise Refused("No upcoming invoices for customer", status=404, code="invoice_upcoming_none")
        return subscriptions.invoice_from(
            customer, subscription, [], reason="subscription_cycle", period=subscriptions.period(subscription)
        )
    was, data.frozen = data.frozen, end
    try:
        subscriptions.renew(subscription)
    finally:
        data.frozen = was
    return data.get("invoice", subscription["latest_invoice"])


def _of_new(params: Params, details: Params) -> Object:
    rows = details.rows("items")
    if not rows:
        raise Missing("subscription")
    customer = needed("customer", params, "customer")
    wanted: list[Wanted] = [terms.wanted(row) for row in rows]
    changes.check_items(wanted)
    subscription = subscriptions.begin(
        store().get("customer", customer["id"]),
        wanted,
        trial_end=terms.trial_end(details),
        automatic_tax=terms.automatic_tax(params),
    )
    return _previewed(store().get("invoice", subscription["latest_invoice"]))


def _previewed(invoice: Object) -> Object:
    """As Stripe shows one that does not exist."""
    id = f"upcoming_{invoice['id']}"
    invoice |= {
        "id": id,
        "status": "draft",
        "number": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "amount_paid": 0,
        "amount_remaining": invoice["amount_due"],
        "attempted": False,
        "attempt_count": 0,
    }
    invoice["lines"]["url"] = f"/v1/invoices/{id}/lines"
    for line in invoice["lines"]["data"]:
        line["invoice"] = id
    return invoice
