"""An invoice's life: drafted, finalized, paid or failed, voided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from billing.sandbox.engine import cards, discounts, payments, totals
from billing.sandbox.engine.news import telling
from billing.sandbox.events import emit
from billing.sandbox.resources.tax_rates import automatic_rate
from billing.sandbox.shapes import invoice as shapes
from billing.sandbox.store import Object, store

# A renewal lies as a draft for an hour, so that something can still be put on it.
DRAFT_SECONDS = 3_600


def draft(
    customer: Object,
    lines: Sequence[Object],
    *,
    reason: str,
    period: tuple[int, int],
    subscription: Object | None = None,
    reductions: Sequence[str] = (),
    taxed: bool = False,
    **fields: Any,
) -> Object:
    """Make a draft with its sums and tell of it; `reductions` are the ids of discounts."""
    data = store()
    id = data.new_id("in")
    own = [line | {"id": data.new_id("il"), "invoice": id, "subtotal": line["amount"]} for line in lines]
    invoice = shapes.invoice(
        own,
        id=id,
        automatic_tax=shapes.automatic_tax(taxed),
        billing_reason=reason,
        created=data.now(),
        currency=lines[0]["currency"] if lines else "usd",
        customer=customer["id"],
        customer_address=customer.get("address"),
        customer_email=customer.get("email"),
        customer_name=customer.get("name"),
        discounts=list(reductions),
        parent=_parent(subscription),
        period_start=period[0],
        period_end=period[1],
        starting_balance=customer["balance"],
        **fields,
    )
    totals.total_up(invoice, discounts.coupons_of(reductions), automatic_rate() if taxed else None)
    data.put("invoice", invoice)
    emit("invoice.created", invoice)
    return invoice


def _parent(subscription: Object | None) -> Object | None:
    if subscription is None:
        return None
    details = {
        "metadata": dict(subscription["metadata"]),
        "subscription": subscription["id"],
        "subscription_proration_date": None,
    }
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}


def finalize(invoice: Object, intent: Object | None = None) -> None:
    """Fix the sums, give it a number and a way to be paid. `intent`: one that was begun at a page."""
    data = store()
    customer = data.get("customer", invoice["customer"])
    invoice["starting_balance"] = customer["balance"]
    totals.balance(invoice)
    invoice |= {
        "status": "open",
        "number": _number(customer),
        "effective_at": data.now(),
        "automatically_finalizes_at": None,
        "ending_balance": invoice["_ending_balance"],
        "hosted_invoice_url": f"{data.base}/i/{invoice['id']}",
        "invoice_pdf": f"{data.base}/i/{invoice['id']}/pdf",
    }
    invoice["status_transitions"]["finalized_at"] = data.now()
    if invoice["ending_balance"] != invoice["starting_balance"]:
        with telling("customer.updated", customer):
            customer["balance"] = invoice["ending_balance"]
    emit("invoice.finalized", invoice)
    if invoice["amount_due"]:
        _await_payment(invoice, intent)
        return
    if intent:
        payments.cancel(intent, "automatic")
    _settle(invoice)


def _number(customer: Object) -> str:
    number = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] = number + 1
    return f"{customer['invoice_prefix']}-{number:04d}"


def _await_payment(invoice: Object, intent: Object | None) -> None:
    data = store()
    if intent is None:
        intent = payments.open_intent(
            amount=invoice["amount_due"],
            currency=invoice["currency"],
            customer=invoice["customer"],
            description="Subscription creation" if invoice["billing_reason"] == "subscription_create" else None,
            setup_future_usage="off_session",
        )
    intent["amount"] = invoice["amount_due"]
    payment = shapes.invoice_payment(
        intent["id"],
        id=data.new_id("inpay"),
        amount_requested=invoice["amount_due"],
        created=data.now(),
        currency=invoice["currency"],
        invoice=invoice["id"],
    )
    data.put("invoice_payment", payment)


def payment_of(invoice: Object) -> Object | None:
    """The payment that is to settle an invoice, or has."""
    rows = store().rows("invoice_payment", invoice=invoice["id"])
    return rows[0] if rows else None


def intent_of(invoice: Object) -> Object | None:
    payment = payment_of(invoice)
    return store().get("payment_intent", payment["payment"]["payment_intent"]) if payment else None


def collect(
    invoice: Object, method: Object, *, present: bool, confirmed: bool = False, told: bool = True
) -> cards.Trouble | None:
    """Charge an open invoice once; None when it is paid. `told`: whether a failure is an event of the invoice."""
    intent = intent_of(invoice)
    if intent is None:
        return None
    problem = payments.attempt(intent, method, present=present, confirmed=confirmed)
    if problem is None:
        method["_is_set_up"] = True
        _settle(invoice)
        return None
    if told:
        missed(invoice, problem)
    return problem


def missed(invoice: Object, problem: cards.Trouble | None) -> None:
    """An attempt that did not go through, or found nothing to charge."""
    with telling("invoice.updated", invoice):
        invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
    emit("invoice.payment_failed", invoice)
    if problem and problem["code"] == cards.WANTS_FACTOR:
        emit("invoice.payment_action_required", invoice)


def _settle(invoice: Object) -> None:
    """Paid, with money or because nothing was due."""
    data = store()
    payment = payment_of(invoice)
    with telling("invoice.updated", invoice):
        invoice |= {
            "status": "paid",
            "amount_paid": invoice["amount_due"],
            "amount_remaining": 0,
            "attempted": True,
            "attempt_count": invoice["attempt_count"] + (payment is not None),
            "auto_advance": False,
            "next_payment_attempt": None,
        }
        invoice["status_transitions"] = invoice["status_transitions"] | {"paid_at": data.now()}
    if payment:
        payment |= {"status": "paid", "amount_paid": invoice["amount_due"]}
        payment["status_transitions"]["paid_at"] = data.now()
    emit("invoice.paid", invoice)
    emit("invoice.payment_succeeded", invoice)
    if payment:
        emit("invoice_payment.paid", payment)


def close(invoice: Object, status: str) -> None:
    """Void it, or write it off as uncollectible."""
    data = store()
    event = {"void": "invoice.voided", "uncollectible": "invoice.marked_uncollectible"}[status]
    moment = {"void": "voided_at", "uncollectible": "marked_uncollectible_at"}[status]
    invoice |= {"status": status, "auto_advance": False, "next_payment_attempt": None}
    invoice["status_transitions"][moment] = data.now()
    intent = intent_of(invoice)
    if intent and status == "void":
        payments.cancel(intent, "void_invoice")
    emit(event, invoice)


def rest(invoice: Object) -> None:
    """Nobody charges it by himself any more; it can still be paid."""
    with telling("invoice.updated", invoice):
        invoice |= {"auto_advance": False, "next_payment_attempt": None}
