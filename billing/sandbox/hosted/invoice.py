"""The pages of an invoice: to read, to pay, as a PDF; and the receipt of a charge."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from billing.sandbox.engine import cards, collection, lines, payments, selfservice
from billing.sandbox.engine.invoices import intent_of
from billing.sandbox.engine.periods import day
from billing.sandbox.errors import NoSuch, Refused
from billing.sandbox.forms import Params
from billing.sandbox.hosted.cardform import CARDS, card_from
from billing.sandbox.hosted.pdf import document
from billing.sandbox.pages import page
from billing.sandbox.store import Object, store


@page("GET", "i/<id>")
def show(request: HttpRequest, params: Params, id: str) -> HttpResponse:
    return _show(request, _issued(id))


@page("POST", "i/<id>")
def pay(request: HttpRequest, params: Params, id: str) -> HttpResponse:
    """Pay with a card that is typed in; it becomes the one that is charged from now on."""
    invoice = _issued(id)
    if invoice["status"] != "open":
        return _show(request, invoice)
    customer = store().get("customer", invoice["customer"])
    try:
        method = card_from(params, customer["email"] or "")
    except Refused as refused:
        return _show(request, invoice, str(refused), params)
    problem = collection.pay_present(invoice, method)
    if problem and cards.asks(method):
        intent = intent_of(invoice) or {}
        return HttpResponseRedirect(f"/3ds/{intent['id']}")
    if problem:
        return _show(request, invoice, problem["message"], params)
    selfservice.use_card(customer, method)
    return HttpResponseRedirect(f"/i/{id}")


@page("GET", "i/<id>/pdf")
def pdf(request: HttpRequest, params: Params, id: str) -> HttpResponse:
    invoice = _issued(id)
    body = document([f"{text}: {value}" for text, value in _texts(invoice)])
    name = f'attachment; filename="Invoice-{invoice["number"]}.pdf"'
    return HttpResponse(body, content_type="application/pdf", headers={"Content-Disposition": name})


@page("GET", "receipt/<id>")
def receipt(request: HttpRequest, params: Params, id: str) -> HttpResponse:
    charge = store().get("charge", id)
    context = {
        "amount": lines.money(charge["amount"], charge["currency"]),
        "card": charge["payment_method_details"]["card"],
        "date": day(charge["created"]),
        "refunded": lines.money(charge["amount_refunded"], charge["currency"]) if charge["amount_refunded"] else "",
    }
    return render(request, "sandbox/receipt.html", context)


@page("GET", "3ds/<id>")
def ask(request: HttpRequest, params: Params, id: str) -> HttpResponse:
    """The second factor of an invoice's payment; a checkout session has a page of its own."""
    intent, _ = _waiting(id)
    return render(request, "sandbox/factor.html", {"amount": lines.money(intent["amount"], intent["currency"])})


@page("POST", "3ds/<id>")
def answer(request: HttpRequest, params: Params, id: str) -> HttpResponse:
    intent, invoice = _waiting(id)
    method = store().get("payment_method", intent["payment_method"])
    if params.text("factor") != "complete":
        return _show(request, invoice, payments.refuse(intent, method)["message"])
    problem = collection.pay_present(invoice, method, confirmed=True)
    if problem:
        return _show(request, invoice, problem["message"])
    selfservice.use_card(store().get("customer", invoice["customer"]), method)
    return HttpResponseRedirect(f"/i/{invoice['id']}")


def _waiting(id: str) -> tuple[Object, Object]:
    intent = store().get("payment_intent", id)
    for row in store().rows("invoice_payment"):
        if row["payment"]["payment_intent"] == id and intent["status"] == "requires_action":
            return intent, store().get("invoice", row["invoice"])
    raise NoSuch("payment_intent", id)


def _issued(id: str) -> Object:
    invoice = store().get("invoice", id)
    if invoice["status"] == "draft":
        raise NoSuch("invoice", id)
    return invoice


def _show(request: HttpRequest, invoice: Object, error: str = "", given: Params | None = None) -> HttpResponse:
    context = {
        "cards": CARDS,
        "due": lines.money(invoice["amount_remaining"], invoice["currency"]),
        "error": error,
        "given": given or {},
        "invoice": invoice,
        "rows": _texts(invoice)[3:],
        "date": day(invoice["created"]),
    }
    return render(request, "sandbox/invoice.html", context, status=402 if error else 200)


def _texts(invoice: Object) -> list[tuple[str, str]]:
    """An invoice as rows of two texts; the first three are its head."""

    def money(cents: int) -> str:
        return lines.money(cents, invoice["currency"])

    rows = [("Invoice", str(invoice["number"])), ("Date", day(invoice["created"])), ("Status", invoice["status"])]
    rows += [(line["description"], money(line["amount"])) for line in invoice["lines"]["data"]]
    rows += [("Discount", money(-each["amount"])) for each in invoice["total_discount_amounts"]]
    rows += [("Tax", money(each["amount"])) for each in invoice["total_taxes"]]
    credit = invoice["amount_due"] - invoice["total"]
    rows += [("Balance", money(credit))] if credit else []
    return [*rows, ("Total", money(invoice["total"])), ("Paid", money(invoice["amount_paid"]))]
