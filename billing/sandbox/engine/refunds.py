"""Money going back: refunds that we make, disputes that a customer's bank makes."""

from __future__ import annotations

from typing import Any

from billing.sandbox.engine import payments
from billing.sandbox.engine.news import telling
from billing.sandbox.errors import Refused
from billing.sandbox.events import emit
from billing.sandbox.expand import includes
from billing.sandbox.shapes import payment
from billing.sandbox.shapes.dispute import dispute
from billing.sandbox.store import Object, store

ANSWER_SECONDS = 10 * 86_400
OVER = ("won", "lost", "warning_closed")


def refund(charge: Object, amount: int | None, **fields: Any) -> Object:
    """Give a charge back, all that is left of it when no amount is named. Raises Refused for more than that."""
    data = store()
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = left if amount is None else amount
    _check(charge, amount, left)
    id = data.new_id("re")
    moved = payments.move(-amount, of=id, type="refund")
    row = payment.refund(
        id=id,
        amount=amount,
        balance_transaction=moved["id"],
        charge=charge["id"],
        created=data.now(),
        currency=charge["currency"],
        payment_intent=charge["payment_intent"],
        **fields,
    )
    data.put("refund", row)
    with telling("charge.refunded", charge):
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    emit("refund.created", row)
    return row


def _check(charge: Object, amount: int, left: int) -> None:
    if charge["status"] != "succeeded":
        raise Refused(f"Charge {charge['id']} has not been paid and cannot be refunded.", param="charge")
    if left <= 0:
        raise Refused(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if charge["disputed"]:
        raise Refused(f"Charge {charge['id']} has been charged back.", code="charge_disputed")
    if not 0 < amount <= left:
        raise Refused(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).", param="amount")


@includes("charge", "refunds")
def _refunds(charge: Object) -> Object:
    return payment.refunds_of(charge, store().rows("refund", charge=charge["id"]))


def open_dispute(charge: Object, reason: str = "fraudulent") -> Object:
    """The customer's bank takes the money back for now."""
    data = store()
    if charge["status"] != "succeeded" or charge["disputed"]:
        raise Refused(f"Charge {charge['id']} cannot be disputed.", param="charge")
    id = data.new_id("du")
    row = dispute(
        due_by=data.now() + ANSWER_SECONDS,
        id=id,
        amount=charge["amount"],
        balance_transactions=[payments.move(-charge["amount"], of=id, type="adjustment")],
        charge=charge["id"],
        created=data.now(),
        currency=charge["currency"],
        payment_intent=charge["payment_intent"],
        reason=reason,
    )
    data.put("dispute", row)
    charge |= {"disputed": True, "_is_quarrel_due": False}
    emit("charge.dispute.created", row)
    emit("charge.dispute.funds_withdrawn", row)
    return row


def close_dispute(row: Object, status: str) -> Object:
    """Won: the money comes back. Lost: it does not."""
    if row["status"] in OVER or status not in ("won", "lost"):
        raise Refused(f"A dispute that is {row['status']} cannot become {status}.", param="status")
    row["status"] = status
    if status == "won":
        row["balance_transactions"].append(payments.move(row["amount"], of=row["id"], type="adjustment"))
        emit("charge.dispute.funds_reinstated", row)
    emit("charge.dispute.closed", row)
    return row
