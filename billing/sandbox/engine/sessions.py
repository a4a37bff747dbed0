"""What becomes of a checkout session: paid by its buyer, or expired."""

from __future__ import annotations

from billing.sandbox.engine import baskets, cards, collection, discounts, invoices, lines, payments, subscriptions
from billing.sandbox.engine.subscriptions import Wanted
from billing.sandbox.events import emit
from billing.sandbox.forms import Params
from billing.sandbox.resources.customers import new_customer
from billing.sandbox.shapes import payment
from billing.sandbox.store import Object, store


def pay(session: Object, method: Object, email: str, *, confirmed: bool = False) -> cards.Trouble | None:
    """The buyer pays; None when that is done and the session complete."""
    due = baskets.sum_up(session)["total"]
    problem = cards.trouble(method, present=True, confirmed=confirmed)
    if problem and (due or problem["decline_code"] != "insufficient_funds"):
        return _decline(session, method, problem, due, confirmed=confirmed)
    customer = _customer(session, method, email)
    method["_is_set_up"] = method.get("_is_set_up") or confirmed
    if session["mode"] == "subscription":
        _subscribe(session, customer, method, confirmed=confirmed)
    elif session["mode"] == "setup":
        _set_up(session, customer, method)
    else:
        _buy(session, customer, method, confirmed=confirmed)
    _complete(session, customer, email)
    return None


def _decline(session: Object, method: Object, problem: cards.Trouble, due: int, *, confirmed: bool) -> cards.Trouble:
    """What the bank said; where something is due an intent and a charge tell of it."""
    if due:
        payments.attempt(_intent(session, due, session["customer"]), method, present=True, confirmed=confirmed)
    return problem


def fail_factor(session: Object, method: Object) -> cards.Trouble:
    """The buyer's bank did not get its second factor."""
    due = baskets.sum_up(session)["total"]
    return payments.refuse(_intent(session, due, session["customer"]), method)


def ask_factor(session: Object, method: Object) -> None:
    """The bank wants to hear from the buyer first; where nothing is due, no intent tells of it."""
    due = baskets.sum_up(session)["total"]
    session["_method"] = method["id"]
    if due:
        intent = _intent(session, due, session["customer"])
        payments.attempt(intent, method, present=True)


def _intent(session: Object, due: int, customer: str | None) -> Object:
    """The intent that all tries of a session share."""
    found = store().objects.get(session.get("_intent") or "")
    if found is None:
        found = payments.open_intent(
            amount=due,
            currency=session["currency"],
            customer=customer,
            description="Subscription creation"
            if session["mode"] == "subscription"
            else session["_payment"]["description"],
            metadata=dict(session["_payment"]["metadata"]),
            setup_future_usage="off_session" if session["mode"] == "subscription" else None,
        )
        session["_intent"] = found["id"]
    found |= {"amount": due, "customer": customer}
    return found


def _customer(session: Object, method: Object, email: str) -> Object | None:
    """Who buys: the customer that the session was made for, a new one, or a guest."""
    if session["customer"]:
        return store().get("customer", session["customer"])
    if session["customer_creation"] != "always":
        return None
    params = Params()
    params.update(email=email, name=method["billing_details"]["name"] or "")
    customer = new_customer(params)
    session["customer"] = customer["id"]
    return customer


def _subscribe(session: Object, customer: Object | None, method: Object, *, confirmed: bool) -> None:
    if customer is None:
        raise AssertionError("a subscription has a customer")
    payments.attach(method, customer)
    items = [(store().get("price", row["price"]), row["quantity"]) for row in session["_items"]]
    due = baskets.sum_up(session)["total"]
    subscription = subscriptions.begin(
        customer,
        [Wanted(price, quantity) for price, quantity in items if price["recurring"]],
        trial_end=baskets.trial_end(session),
        coupons=_coupons(session),
        extra=[lines.once(price, quantity) for price, quantity in items if not price["recurring"]],
        intent=_intent(session, due, customer["id"]) if due else None,
        automatic_tax=_automatic_tax(session),
        default_payment_method=method["id"],
        **session["_subscription"],
    )
    session["subscription"] = subscription["id"]
    session["invoice"] = subscription["latest_invoice"]
    invoice = store().get("invoice", subscription["latest_invoice"])
    collection.pay_present(invoice, method, confirmed=confirmed)


def _automatic_tax(session: Object) -> Object:
    enabled = session["automatic_tax"]["enabled"]
    return {"disabled_reason": None, "enabled": enabled, "liability": {"type": "self"} if enabled else None}


def _coupons(session: Object) -> list[tuple[Object, Object | None]]:
    data = store()
    return [
        (data.get("coupon", coupon), data.get("promotion_code", code) if code else None)
        for coupon, code in session["_coupons"]
    ]


def _buy(session: Object, customer: Object | None, method: Object, *, confirmed: bool) -> None:
    """Pay once, with an invoice where the session asks for one."""
    for coupon, code in _coupons(session):
        discounts.redeem(coupon, code, customer=customer["id"] if customer else "", checkout_session=session["id"])
    due = baskets.sum_up(session)["total"]
    invoice = _invoice(session, customer)
    if due:
        intent = _intent(session, due, customer["id"] if customer else None)
        session["payment_intent"] = intent["id"]
        if invoice:
            invoices.finalize(invoice, intent)
            invoices.collect(invoice, method, present=True, confirmed=confirmed)
        else:
            payments.attempt(intent, method, present=True, confirmed=confirmed)
    elif invoice:
        invoices.finalize(invoice)
    if customer and session["_payment"]["setup_future_usage"]:
        payments.attach(method, customer)


def _invoice(session: Object, customer: Object | None) -> Object | None:
    if not customer or not (session["invoice_creation"] or {}).get("enabled"):
        return None
    now = store().now()
    rows = [row["id"] for row in store().rows("discount", checkout_session=session["id"])]
    invoice = invoices.draft(
        customer,
        baskets.lines_of(session),
        reason="manual",
        period=(now, now),
        reductions=list(reversed(rows)),
        taxed=session["automatic_tax"]["enabled"],
        metadata=dict(session["_invoice"]),
    )
    session["invoice"] = invoice["id"]
    return invoice


def _set_up(session: Object, customer: Object | None, method: Object) -> None:
    data = store()
    if customer:
        payments.attach(method, customer)
    intent = payment.setup_intent(
        id=data.new_id("seti"),
        created=data.now(),
        customer=customer["id"] if customer else None,
        payment_method=method["id"],
        status="succeeded",
    )
    data.put("setup_intent", intent)
    session["setup_intent"] = intent["id"]
    emit("setup_intent.created", intent)
    emit("setup_intent.succeeded", intent)


def _complete(session: Object, customer: Object | None, email: str) -> None:
    is_free = session["amount_total"] == 0 or session["mode"] == "setup"
    session |= {
        "status": "complete",
        "payment_status": "no_payment_required" if is_free else "paid",
        "url": None,
        "customer_details": {
            "address": (customer or {}).get("address"),
            "business_name": None,
            "email": (customer or {}).get("email") or email,
            "individual_name": None,
            "name": (customer or {}).get("name"),
            "phone": (customer or {}).get("phone"),
            "tax_exempt": "none",
            "tax_ids": [],
        },
    }
    emit("checkout.session.completed", session)


def expire(session: Object) -> None:
    """Nobody paid in time, or we took it back."""
    session |= {"status": "expired", "url": None}
    emit("checkout.session.expired", session)
