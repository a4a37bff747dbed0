"""Payment intents and what comes of them: charges that go through, fail, or wait for a second factor."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from billing.sandbox.engine import cards
from billing.sandbox.engine.news import telling
from billing.sandbox.events import emit
from billing.sandbox.shapes import payment
from billing.sandbox.store import Object, store


def open_intent(*, amount: int, currency: str, customer: str | None, **fields: Any) -> Object:
    """An intent that nobody has tried to pay yet."""
    data = store()
    id = data.new_id("pi")
    secret = f"{id}_secret_{data.new_id('x')[2:]}"
    intent = payment.payment_intent(
        id=id,
        amount=amount,
        client_secret=secret,
        created=data.now(),
        currency=currency,
        customer=customer,
        **fields,
    )
    data.put("payment_intent", intent)
    emit("payment_intent.created", intent)
    return intent


def attempt(intent: Object, method: Object, *, present: bool, confirmed: bool = False) -> cards.Trouble | None:
    """Charge a payment method once; None when it went through, else what the bank said."""
    intent["payment_method"] = method["id"]
    intent["next_action"], intent["last_payment_error"] = None, None
    if present and cards.asks(method) and not confirmed:
        return ask(intent)
    problem = cards.trouble(method, present=present, confirmed=confirmed)
    charge = _charge(intent, method, problem)
    intent["latest_charge"] = charge["id"]
    if problem:
        _fail(intent, method, charge, problem)
    else:
        _succeed(intent, charge)
    return problem


def ask(intent: Object) -> cards.Trouble:
    """The bank wants to hear from the customer first."""
    where = f"{store().base}/3ds/{intent['id']}"
    intent["status"] = "requires_action"
    intent["next_action"] = {
        "redirect_to_url": {"return_url": None, "url": where},
        "type": "redirect_to_url",
    }
    emit("payment_intent.requires_action", intent)
    return {
        "code": cards.WANTS_FACTOR,
        "decline_code": cards.WANTS_FACTOR,
        "message": "Your bank asks for a second factor.",
    }


def refuse(intent: Object, method: Object) -> cards.Trouble:
    """The customer did not give the second factor."""
    problem = {
        "code": "payment_intent_authentication_failure",
        "message": "We are unable to authenticate your payment method. Please choose a different payment method.",
    }
    intent["next_action"] = None
    _stop(intent, method, problem, charge=None)
    return problem


def cancel(intent: Object, reason: str) -> None:
    """Nobody is to pay it any more."""
    if intent["status"] in ("succeeded", "canceled"):
        return
    intent |= {
        "status": "canceled",
        "canceled_at": store().now(),
        "cancellation_reason": reason,
        "next_action": None,
    }
    emit("payment_intent.canceled", intent)


def error_of(problem: cards.Trouble, method: Object, charge: str | None) -> Object:
    """What went wrong, as an intent and a 402 carry it."""
    return {
        "advice_code": "try_again_later",
        "charge": charge,
        "code": problem["code"],
        "decline_code": problem.get("decline_code"),
        "doc_url": f"https://stripe.com/docs/error-codes/{problem['code'].replace('_', '-')}",
        "message": problem["message"],
        "payment_method": deepcopy(method),
        "type": "card_error",
    }


def move(amount: int, *, of: str, type: str) -> Object:
    """Put a movement on the account's balance; returns the balance transaction."""
    data = store()
    moved = payment.balance_transaction(
        id=data.new_id("txn"), amount=amount, available_on=data.now(), created=data.now(), source=of, type=type
    )
    return data.put("balance_transaction", moved)


def _charge(intent: Object, method: Object, problem: cards.Trouble | None) -> Object:
    data = store()
    charge = payment.charge(
        method,
        id=data.new_id("ch"),
        amount=intent["amount"],
        created=data.now(),
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        metadata=dict(intent["metadata"]),
        payment_intent=intent["id"],
        receipt_email=intent["receipt_email"],
        outcome=_outcome(problem),
    )
    if problem:
        charge |= {"status": "failed", "failure_code": problem["code"], "failure_message": problem["message"]}
        return data.put("charge", charge)
    moved = move(intent["amount"], of=charge["id"], type="charge")
    charge |= {
        "status": "succeeded",
        "paid": True,
        "captured": True,
        "amount_captured": intent["amount"],
        "balance_transaction": moved["id"],
        "receipt_url": f"{data.base}/receipt/{charge['id']}",
        "_is_quarrel_due": method["card"]["last4"] == cards.IS_DISPUTED[-4:],
    }
    return data.put("charge", charge)


def _outcome(problem: cards.Trouble | None) -> Object:
    return {
        "advice_code": "try_again_later" if problem else None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if problem else "approved_by_network",
        "reason": problem.get("decline_code") if problem else None,
        "risk_level": "normal",
        "risk_score": 11,
        "seller_message": "The bank did not return any further details." if problem else "Payment complete.",
        "type": "issuer_declined" if problem else "authorized",
    }


def _succeed(intent: Object, charge: Object) -> None:
    intent |= {"status": "succeeded", "amount_received": intent["amount"]}
    emit("charge.succeeded", charge)
    emit("payment_intent.succeeded", intent)


def _fail(intent: Object, method: Object, charge: Object, problem: cards.Trouble) -> None:
    emit("charge.failed", charge)
    _stop(intent, method, problem, charge=charge["id"])


def _stop(intent: Object, method: Object, problem: cards.Trouble, *, charge: str | None) -> None:
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_payment_error": error_of(problem, method, charge),
    }
    emit("payment_intent.payment_failed", intent)


def attach(method: Object, customer: Object) -> None:
    """Save a payment method with a customer."""
    if method["customer"] == customer["id"]:
        return
    method["customer"] = customer["id"]
    emit("payment_method.attached", method)


def make_default(customer: Object, method: Object) -> None:
    """What future invoices of a customer are charged to."""
    with telling("customer.updated", customer):
        settings = customer["invoice_settings"]
        customer["invoice_settings"] = settings | {"default_payment_method": method["id"]}
