"""The payment page of a checkout session."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from billing.sandbox.engine import baskets, cards, lines, sessions
from billing.sandbox.errors import Refused
from billing.sandbox.forms import Params
from billing.sandbox.hosted.cardform import CARDS, card_from
from billing.sandbox.pages import page
from billing.sandbox.resources.promotion_codes import check_code, find_code
from billing.sandbox.store import Object, store

KIND = "checkout.session"


@page("GET", "c/pay/<id>")
def show(request: HttpRequest, params: Params, id: str) -> HttpResponse:
    return _show(request, store().get(KIND, id))


@page("POST", "c/pay/<id>")
def pay(request: HttpRequest, params: Params, id: str) -> HttpResponse:
    session = _open(id)
    if session is None:
        return _show(request, store().get(KIND, id))
    try:
        email = _email(session, params)
        method = card_from(params, email)
    except Refused as refused:
        return _show(request, session, str(refused), params)
    if cards.asks(method):
        session["_email"] = email
        sessions.ask_factor(session, method)
        return HttpResponseRedirect(f"/c/pay/{id}/factor")
    problem = sessions.pay(session, method, email)
    return _show(request, session, problem["message"], params) if problem else _away(session)


@page("GET", "c/pay/<id>/factor")
def ask(request: HttpRequest, params: Params, id: str) -> HttpResponse:
    session = _open(id)
    if session is None or "_method" not in session:
        return HttpResponseRedirect(f"/c/pay/{id}")
    return render(request, "sandbox/factor.html", {"amount": _amount(session, "amount_total")})


@page("POST", "c/pay/<id>/factor")
def answer(request: HttpRequest, params: Params, id: str) -> HttpResponse:
    session = _open(id)
    if session is None or "_method" not in session:
        return HttpResponseRedirect(f"/c/pay/{id}")
    method = store().get("payment_method", session.pop("_method"))
    if params.text("factor") != "complete":
        return _show(request, session, sessions.fail_factor(session, method)["message"])
    problem = sessions.pay(session, method, session["_email"], confirmed=True)
    return _show(request, session, problem["message"]) if problem else _away(session)


@page("POST", "c/pay/<id>/code")
def redeem(request: HttpRequest, params: Params, id: str) -> HttpResponse:
    """A buyer names a promotion code, or takes it away with an empty one."""
    session = _open(id)
    if session is None or not session["allow_promotion_codes"]:
        return _show(request, store().get(KIND, id))
    text = params.text("promotion_code")
    try:
        session["_coupons"] = [_usable(session, text)] if text else []
    except Refused as refused:
        return _show(request, session, code_error=str(refused), given=params)
    baskets.sum_up(session)
    return HttpResponseRedirect(f"/c/pay/{id}")


def _usable(session: Object, text: str) -> list[str]:
    code = find_code(text)
    if code is None:
        raise Refused("This promotion code is invalid.")
    bought = store().rows("charge", customer=session["customer"]) if session["customer"] else []
    check_code(
        code,
        customer=session["customer"],
        amount=session["amount_subtotal"],
        currency=session["currency"],
        is_first=not bought,
    )
    return [code["promotion"]["coupon"], code["id"]]


def _open(id: str) -> Object | None:
    """The session while it can be paid."""
    session = store().get(KIND, id)
    return session if session["status"] == "open" else None


def _email(session: Object, params: Params) -> str:
    known = _known_email(session)
    email = known or params.text("email") or ""
    if "@" not in email:
        raise Refused("Enter your e-mail address.", param="email")
    return email


def _known_email(session: Object) -> str:
    customer = store().objects.get(session["customer"] or "")
    return str((customer or {}).get("email") or session["customer_email"] or "")


def _away(session: Object) -> HttpResponse:
    return HttpResponseRedirect(_success_url(session))


def _success_url(session: Object) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _show(
    request: HttpRequest, session: Object, error: str = "", given: Params | None = None, code_error: str = ""
) -> HttpResponse:
    context = _summary(session) | {
        "button": _button(session),
        "cancel_url": session["cancel_url"],
        "cards": CARDS,
        "code_error": code_error,
        "email": _known_email(session),
        "error": error,
        "given": given or {},
        "session": session,
        "success_url": _success_url(session),
    }
    status = 402 if error or code_error else 200
    return render(request, "sandbox/checkout.html", context, status=status)


def _button(session: Object) -> str:
    if session["mode"] == "setup":
        return "Save card"
    if session["mode"] == "subscription" and baskets.trial_end(session):
        return "Start trial"
    return f"{'Subscribe and pay' if session['mode'] == 'subscription' else 'Pay'} {_amount(session, 'amount_total')}"


def _summary(session: Object) -> Object:
    """What the page says of the order, in a customer's words."""
    bill = baskets.sum_up(session)
    details, currency = session["total_details"], session["currency"] or "usd"
    code = store().objects.get(session["_coupons"][0][1] or "") if session["_coupons"] else None
    return {
        "allows_codes": bool(session["allow_promotion_codes"]) and session["status"] == "open",
        "code": code["code"] if code else "",
        "discount": lines.money(-details["amount_discount"], currency) if details["amount_discount"] else "",
        "rows": [(line["description"], lines.money(line["amount"], currency)) for line in bill["lines"]["data"]],
        "subtotal": _amount(session, "amount_subtotal"),
        "tax": lines.money(details["amount_tax"], currency) if details["amount_tax"] else "",
        "total": _amount(session, "amount_total"),
        "trial_days": session["_trial"]["days"],
    }


def _amount(session: Object, name: str) -> str:
    return lines.money(session[name] or 0, session["currency"] or "usd")
