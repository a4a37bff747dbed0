"""Subscriptions by the API: made, changed, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from billing.sandbox.calls import terms
from billing.sandbox.engine import cards, changes, collection, discounts, invoices, lines, prorations, subscriptions
from billing.sandbox.engine.news import telling
from billing.sandbox.engine.rehearsal import rehearsal
from billing.sandbox.errors import Declined, NoSuch, Refused
from billing.sandbox.forms import Params
from billing.sandbox.http import needed, resource
from billing.sandbox.paging import created_in
from billing.sandbox.resources.customers import before_deletion
from billing.sandbox.store import Object, store

BOTH = (
    "add_invoice_items automatic_tax billing_cycle_anchor cancel_at cancel_at_period_end collection_method "
    "days_until_due default_payment_method description discounts invoice_settings items metadata off_session "
    "payment_behavior payment_settings proration_behavior trial_end trial_settings"
)
PAYMENT_BEHAVIORS = ("allow_incomplete", "default_incomplete", "error_if_incomplete")
ENDED = ("canceled", "incomplete_expired")
STATUSES = (*subscriptions.LIVE, *ENDED, "incomplete")


@resource("POST", "v1/subscriptions", takes=f"{BOTH} billing_mode currency customer trial_period_days")
def create(params: Params) -> Object:
    customer = needed("customer", params, "customer")
    wanted = [terms.wanted(row) for row in params.rows("items")]
    changes.check_items(wanted)
    behavior = params.choice("payment_behavior", PAYMENT_BEHAVIORS, "allow_incomplete")
    make = _maker(params, customer, wanted)
    if behavior == "error_if_incomplete":
        _check_goes_through(make)
    return make() if behavior != "default_incomplete" else make(is_charged=False)


def _maker(params: Params, customer: Object, wanted: list[subscriptions.Wanted]) -> Callable[..., Object]:
    extra = [terms.once(row) for row in params.rows("add_invoice_items")]
    coupons = discounts.asked_for(params)
    fields = terms.first_fields(params, customer)
    trial = terms.trial_end(params)
    cancel = terms.cancellation(params)
    own_id = str(customer["id"])

    def make(*, is_charged: bool = True) -> Object:
        # Looked up here: in a rehearsal it is a copy.
        buyer = store().get("customer", own_id)
        subscription = subscriptions.begin(buyer, wanted, trial_end=trial, coupons=coupons, extra=extra, **fields)
        if cancel:
            terms.set_cancellation(subscription, cancel)
        invoice = store().get("invoice", subscription["latest_invoice"])
        if is_charged and invoice["status"] == "open":
            collection.charge(invoice)
        return subscription

    return make


def _check_goes_through(make: Callable[[], Object], is_free: Callable[[Object], bool] = lambda row: False) -> None:
    """Do it on a copy first. Raises Declined where the payment fails, and nothing has happened."""
    with rehearsal():
        subscription = make()
        invoice = store().get("invoice", subscription["latest_invoice"])
        problem = None if is_free(subscription) or invoice["status"] == "paid" else _problem(invoice)
    if problem:
        raise Declined(problem["message"], code=problem["code"], **_more(problem))


def _problem(invoice: Object) -> cards.Trouble:
    intent = invoices.intent_of(invoice)
    error = intent["last_payment_error"] if intent else None
    if error and error["code"] == cards.WANTS_FACTOR:
        # Nobody is there to be asked, which Stripe tells of a subscription by a word of its own.
        return {
            "code": "subscription_payment_intent_requires_action",
            "message": "The customer has to authenticate this payment before the subscription can change.",
        }
    return error or {
        "code": "resource_missing",
        "message": "This customer has no attached payment source or default payment method.",
    }


def _more(problem: cards.Trouble) -> dict[str, Any]:
    return {"decline_code": problem["decline_code"]} if problem.get("decline_code") else {}


@resource("GET", "v1/subscriptions", takes="collection_method created current_period_end customer price status")
def list_subscriptions(params: Params) -> list[Object]:
    rows = created_in(store().rows("subscription", customer=params.text("customer")), params)
    price, status = params.text("price"), params.choice("status", (*STATUSES, "all", "ended"))
    if price:
        rows = [row for row in rows if any(item["price"]["id"] == price for item in row["items"]["data"])]
    if status == "all":
        return rows
    wanted = ENDED if status == "ended" else (status,) if status else tuple(set(STATUSES) - set(ENDED))
    return [row for row in rows if row["status"] in wanted]


@resource("GET", "v1/subscriptions/<id>", takes="")
def retrieve(params: Params, id: str) -> Object:
    return store().get("subscription", id)


@resource("POST", "v1/subscriptions/<id>", takes=f"{BOTH} cancellation_details proration_date")
def update(params: Params, id: str) -> Object:
    subscription = store().get("subscription", id)
    _check_running(subscription)
    terms.check_schedule(subscription, params)
    return make_change(subscription, params, terms.change(subscription, params), terms.writer(subscription, params))


def make_change(
    subscription: Object,
    params: Params,
    change: changes.Change | None,
    write: Callable[[Object], None] = lambda subscription: None,
) -> Object:
    """Change a subscription and charge what that costs now, as `payment_behavior` says. Raises Declined."""
    id, latest = str(subscription["id"]), subscription["latest_invoice"]

    def make() -> Object:
        target = store().get("subscription", id)
        invoice = None
        with telling(subscriptions.UPDATED, target):
            write(target)
            if change:
                invoice = changes.apply(target, change)
        if invoice:
            collection.advance(invoice)
        return target

    behavior = params.choice("payment_behavior", PAYMENT_BEHAVIORS, "allow_incomplete")
    if behavior == "error_if_incomplete" and change:
        _check_goes_through(make, lambda row: row["latest_invoice"] == latest)
    return make()


def _check_running(subscription: Object) -> None:
    if subscription["status"] in ENDED:
        raise Refused(
            "A canceled subscription can only update its cancellation_details and metadata.", param="subscription"
        )


@resource("DELETE", "v1/subscriptions/<id>", takes="cancellation_details invoice_now prorate")
def cancel(params: Params, id: str) -> Object:
    subscription = store().get("subscription", id)
    if subscription["status"] in ENDED:
        raise NoSuch("subscription", id)
    if params.flag("prorate"):
        for item in subscriptions.items_of(subscription):
            prorations.credit(subscription, item, store().now())
    if params.flag("invoice_now"):
        _invoice_rest(subscription)
    details = params.mapping("cancellation_details")
    subscriptions.end(subscription, "cancellation_requested", details.text("comment"), details.text("feedback"))
    return subscription


def _invoice_rest(subscription: Object) -> None:
    customer = store().get("customer", subscription["customer"])
    if lines.waiting(customer, subscription):
        now = store().now()
        invoice = subscriptions.invoice_from(
            customer, subscription, [], reason="subscription_update", period=(now, now)
        )
        collection.advance(invoice)


@resource("POST", "v1/subscriptions/<id>/resume", takes="billing_cycle_anchor proration_behavior")
def resume(params: Params, id: str) -> Object:
    subscription = store().get("subscription", id)
    if subscription["status"] != "paused":
        raise Refused("Only a paused subscription can be resumed.")
    wanted = [terms.as_is(item) for item in subscriptions.items_of(subscription)]
    with telling("customer.subscription.resumed", subscription):
        subscription["status"] = "active"
        invoice = changes.apply(subscription, changes.Change(wanted, behavior="none", resets=True))
    if invoice:
        collection.advance(invoice)
    return subscription


def _end_all(customer: Object) -> None:
    """Deleting a customer ends what it pays for."""
    for subscription in store().rows("subscription", customer=customer["id"]):
        if subscription["status"] not in ENDED:
            subscriptions.end(subscription, "cancellation_requested")


before_deletion.append(_end_all)
