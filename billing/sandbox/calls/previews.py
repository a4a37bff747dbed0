"""What an invoice would say: the change is made on a copy, and its invoice read."""

from __future__ import annotations

from dataclasses import replace

from billing.sandbox.calls import terms
from billing.sandbox.engine import changes, lines, subscriptions
from billing.sandbox.engine.periods import period_end
from billing.sandbox.engine.rehearsal import rehearsal
from billing.sandbox.engine.subscriptions import Wanted
from billing.sandbox.errors import Missing, Refused
from billing.sandbox.forms import Params
from billing.sandbox.http import needed, reference
from billing.sandbox.store import Object, store

MODES = ("next", "recurring")
TAKES = "automatic_tax currency customer customer_details discounts preview_mode subscription subscription_details"


def preview(params: Params) -> Object:
    """The next invoice of a subscription, of a change to it, or the first one of a new subscription.

    `preview_mode` recurring: what every later period costs, without prorations.
    """
    subscription = reference("subscription", params, "subscription")
    details = params.mapping("subscription_details")
    is_recurring = params.choice("preview_mode", MODES, "next") == "recurring"
    with rehearsal():
        if subscription is None:
            return _of_new(params, details)
        copy = store().get("subscription", subscription["id"])
        return _previewed(_later(copy, details) if is_recurring else _next(copy, details))


def _check_live(subscription: Object) -> None:
    if subscription["status"] not in subscriptions.LIVE:
        raise Refused(
            "You cannot preview the upcoming invoice for a canceled subscription.", code="invoice_upcoming_none"
        )


def _later(subscription: Object, details: Params) -> Object:
    """A whole period of what a subscription would hold, and nothing else."""
    _check_live(subscription)
    change = terms.change(subscription, details)
    if change:
        changes.apply(subscription, replace(change, behavior="none"))
    data = store()
    customer = data.get("customer", subscription["customer"])
    for row in lines.waiting(customer, subscription):
        data.remove(row)
    end = subscriptions.period(subscription)[1]
    until = period_end(end, end, subscriptions.items_of(subscription)[0]["price"]["recurring"])
    own = [lines.recurring(item, end, until) for item in subscriptions.items_of(subscription)]
    customer["balance"] = 0
    return subscriptions.invoice_from(customer, subscription, own, reason="subscription_cycle", period=(end, end))


def _next(subscription: Object, details: Params) -> Object:
    _check_live(subscription)
    change = terms.change(subscription, details)
    end = terms.cancellation(details)
    invoice = changes.apply(subscription, change) if change else None
    if end:
        terms.set_cancellation(subscription, end)
    if invoice is None:
        invoice = _renewal(subscription)
    return invoice


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
