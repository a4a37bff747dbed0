"""Invoices by the API: read, previewed, finalized, paid, voided."""

from __future__ import annotations

from billing.sandbox.calls import previews
from billing.sandbox.engine import collection, invoices, subscriptions
from billing.sandbox.errors import Declined, Refused
from billing.sandbox.expand import includes
from billing.sandbox.forms import Params
from billing.sandbox.http import resource
from billing.sandbox.paging import created_in
from billing.sandbox.resources import payment_methods
from billing.sandbox.shapes import listed
from billing.sandbox.store import Object, store


@resource("GET", "v1/invoices", takes="collection_method created customer due_date status subscription")
def list_invoices(params: Params) -> list[Object]:
    rows = store().rows("invoice", customer=params.text("customer"), status=params.text("status"))
    wanted = params.text("subscription")
    return created_in([row for row in rows if wanted in (None, subscriptions.subscription_of(row))], params)


@resource("POST", "v1/invoices/create_preview", takes=previews.TAKES)
def preview(params: Params) -> Object:
    return previews.preview(params)


@resource("GET", "v1/invoices/<id>", takes="")
def retrieve(params: Params, id: str) -> Object:
    return store().get("invoice", id)


@resource("GET", "v1/invoices/<id>/lines", takes="")
def list_lines(params: Params, id: str) -> list[Object]:
    rows: list[Object] = store().get("invoice", id)["lines"]["data"]
    return rows


@resource("POST", "v1/invoices/<id>", takes="auto_advance default_payment_method description footer metadata")
def update(params: Params, id: str) -> Object:
    invoice = store().get("invoice", id)
    invoice["auto_advance"] = params.flag("auto_advance", bool(invoice["auto_advance"]))
    params.write(invoice, "default_payment_method description footer")
    invoice["metadata"] = params.metadata(invoice["metadata"])
    return invoice


@resource("POST", "v1/invoices/<id>/finalize", takes="auto_advance")
def finalize(params: Params, id: str) -> Object:
    invoice = _in_status(id, "draft")
    invoices.finalize(invoice)
    collection.follow(invoice)
    return invoice


@resource("POST", "v1/invoices/<id>/pay", takes="off_session payment_method")
def pay(params: Params, id: str) -> Object:
    invoice = store().get("invoice", id)
    if invoice["status"] == "paid":
        raise Refused("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] == "draft":
        invoices.finalize(invoice)
    if invoice["status"] not in ("open", "uncollectible"):
        collection.follow(invoice)
        return invoice
    method = payment_methods.method_of(params, "payment_method")
    problem = collection.charge(invoice, method)
    if problem:
        raise Declined(problem["message"], code=problem["code"], decline_code=problem.get("decline_code", ""))
    return invoice


@resource("POST", "v1/invoices/<id>/void", takes="")
def void(params: Params, id: str) -> Object:
    invoice = _in_status(id, "open", "uncollectible")
    invoices.close(invoice, "void")
    return invoice


@resource("POST", "v1/invoices/<id>/mark_uncollectible", takes="")
def mark_uncollectible(params: Params, id: str) -> Object:
    invoice = _in_status(id, "open")
    invoices.close(invoice, "uncollectible")
    return invoice


def _in_status(id: str, *statuses: str) -> Object:
    invoice = store().get("invoice", id)
    if invoice["status"] not in statuses:
        raise Refused(f"Invoice {id} is {invoice['status']}; it must be {' or '.join(statuses)}.")
    return invoice


@includes("invoice", "payments")
def payments_of(invoice: Object) -> Object:
    return listed(
        store().rows("invoice_payment", invoice=invoice["id"]), f"/v1/invoice_payments?invoice={invoice['id']}"
    )


@includes("invoice", "confirmation_secret")
def confirmation_secret(invoice: Object) -> Object | None:
    intent = invoices.intent_of(invoice)
    return {"client_secret": intent["client_secret"], "type": "payment_intent"} if intent else None


@resource("GET", "v1/invoice_payments", takes="created invoice payment status")
def list_payments(params: Params) -> list[Object]:
    rows = store().rows("invoice_payment", invoice=params.text("invoice"), status=params.text("status"))
    intent = params.mapping("payment").text("payment_intent")
    return created_in([row for row in rows if intent in (None, row["payment"]["payment_intent"])], params)


@resource("GET", "v1/invoice_payments/<id>", takes="")
def retrieve_payment(params: Params, id: str) -> Object:
    return store().get("invoice_payment", id)


@resource("GET", "v1/invoiceitems", takes="created customer invoice pending")
def list_items(params: Params) -> list[Object]:
    rows = store().rows("invoiceitem", customer=params.text("customer"), invoice=params.text("invoice"))
    if "pending" in params:
        rows = [row for row in rows if (row["invoice"] is None) == params.flag("pending")]
    return rows


@resource("GET", "v1/invoiceitems/<id>", takes="")
def retrieve_item(params: Params, id: str) -> Object:
    return store().get("invoiceitem", id)
