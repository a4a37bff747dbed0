"""Payment intents, charges, refunds, disputes and the balance by the API."""

from __future__ import annotations

from typing import Any

from billing.sandbox.control import Given, lever
from billing.sandbox.engine import collection, payments, refunds
from billing.sandbox.engine.news import telling
from billing.sandbox.errors import Missing, Refused
from billing.sandbox.expand import shown
from billing.sandbox.forms import Params
from billing.sandbox.http import reference, resource
from billing.sandbox.paging import created_in
from billing.sandbox.store import Object, store

REASONS = ("duplicate", "fraudulent", "requested_by_customer")


@resource("GET", "v1/payment_intents", takes="created customer")
def list_intents(params: Params) -> list[Object]:
    return created_in(store().rows("payment_intent", customer=params.text("customer")), params)


@resource("GET", "v1/payment_intents/<id>", takes="client_secret")
def retrieve_intent(params: Params, id: str) -> Object:
    return store().get("payment_intent", id)


@resource("POST", "v1/payment_intents/<id>/cancel", takes="cancellation_reason")
def cancel_intent(params: Params, id: str) -> Object:
    intent = store().get("payment_intent", id)
    if intent["status"] in ("succeeded", "canceled"):
        raise Refused(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
        )
    payments.cancel(intent, params.text("cancellation_reason") or "requested_by_customer")
    return intent


@resource("GET", "v1/setup_intents/<id>", takes="client_secret")
def retrieve_setup(params: Params, id: str) -> Object:
    return store().get("setup_intent", id)


@resource("GET", "v1/charges", takes="created customer payment_intent")
def list_charges(params: Params) -> list[Object]:
    rows = store().rows("charge", customer=params.text("customer"), payment_intent=params.text("payment_intent"))
    return created_in(rows, params)


@resource("GET", "v1/charges/<id>", takes="")
def retrieve_charge(params: Params, id: str) -> Object:
    return store().get("charge", id)


@resource("GET", "v1/charges/<id>/refunds", takes="")
def refunds_of_charge(params: Params, id: str) -> list[Object]:
    store().get("charge", id)
    return store().rows("refund", charge=id)


@resource("POST", "v1/refunds", takes="amount charge metadata payment_intent reason")
def refund(params: Params) -> Object:
    return refunds.refund(
        _charge(params),
        params.integer("amount"),
        metadata=params.metadata(),
        reason=params.choice("reason", REASONS),
    )


def _charge(params: Params) -> Object:
    """The charge that is named, or the one that an intent was paid with."""
    charge = reference("charge", params, "charge")
    if charge:
        return charge
    intent = reference("payment_intent", params, "payment_intent")
    if intent is None:
        raise Missing("charge")
    if intent["status"] != "succeeded":
        raise Refused(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
    return store().get("charge", intent["latest_charge"])


@resource("GET", "v1/refunds", takes="charge created payment_intent")
def list_refunds(params: Params) -> list[Object]:
    rows = store().rows("refund", charge=params.text("charge"), payment_intent=params.text("payment_intent"))
    return created_in(rows, params)


@resource("GET", "v1/refunds/<id>", takes="")
def retrieve_refund(params: Params, id: str) -> Object:
    return store().get("refund", id)


@resource("GET", "v1/disputes", takes="charge created payment_intent")
def list_disputes(params: Params) -> list[Object]:
    rows = store().rows("dispute", charge=params.text("charge"), payment_intent=params.text("payment_intent"))
    return created_in(rows, params)


@resource("GET", "v1/disputes/<id>", takes="")
def retrieve_dispute(params: Params, id: str) -> Object:
    return store().get("dispute", id)


@resource("POST", "v1/disputes/<id>", takes="evidence metadata submit")
def update_dispute(params: Params, id: str) -> Object:
    """Evidence: once submitted the matter is under review, until the lever decides it."""
    dispute = store().get("dispute", id)
    if dispute["status"] in refunds.OVER:
        raise Refused("This dispute is already closed.")
    with telling("charge.dispute.updated", dispute):
        dispute["metadata"] = params.metadata(dispute["metadata"])
        if params.mapping("evidence"):
            dispute["evidence"] = dispute["evidence"] | params.mapping("evidence")
            dispute["evidence_details"] = dispute["evidence_details"] | {"has_evidence": True}
        if params.flag("submit"):
            dispute["status"] = "under_review"
    return dispute


@resource("POST", "v1/disputes/<id>/close", takes="")
def give_up_dispute(params: Params, id: str) -> Object:
    return refunds.close_dispute(store().get("dispute", id), "lost")


@resource("GET", "v1/balance_transactions", takes="created source type")
def list_moves(params: Params) -> list[Object]:
    rows = store().rows("balance_transaction", source=params.text("source"), type=params.text("type"))
    return created_in(rows, params)


@resource("GET", "v1/balance_transactions/<id>", takes="")
def retrieve_move(params: Params, id: str) -> Object:
    return store().get("balance_transaction", id)


@lever("POST", "disputes")
def dispute_charge(given: Given) -> Any:
    """{charge, reason?} -> the dispute"""
    charge = store().get("charge", given["charge"], "charge")
    return shown(refunds.open_dispute(charge, given.get("reason") or "fraudulent"))


@lever("POST", "disputes/<id>/close")
def decide_dispute(given: Given, id: str) -> Any:
    """{status: "won" | "lost"} -> the dispute"""
    return shown(refunds.close_dispute(store().get("dispute", id), given["status"]))


@lever("POST", "dunning")
def set_aftermath(given: Given) -> Any:
    """{aftermath: "cancel" | "unpaid" | "past_due"}: what follows the last failed try."""
    if given["aftermath"] not in collection.AFTERMATHS:
        raise Refused(f"Invalid aftermath: must be one of {', '.join(collection.AFTERMATHS)}", param="aftermath")
    store().aftermath = given["aftermath"]
    return {"aftermath": store().aftermath}
