"""The customer portal: card, plan, cancellation, invoices, as its configuration allows."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from billing.sandbox.calls.portal import KIND
from billing.sandbox.engine import cards, collection, lines, selfservice, subscriptions
from billing.sandbox.engine.periods import day
from billing.sandbox.errors import NoSuch, Refused
from billing.sandbox.forms import Params
from billing.sandbox.hosted.cardform import CARDS, card_from
from billing.sandbox.pages import page
from billing.sandbox.resources.portal_configurations import KIND as CONFIGURATION
from billing.sandbox.store import Object, store

# Seconds for which an address of the portal is good.
GOOD_FOR = 3_600
FLOW_PAGES = {"payment_method_update": "card", "subscription_cancel": "cancel", "subscription_update": "change"}


@page("GET", "p/session/<id>")
def home(request: HttpRequest, params: Params, id: str) -> HttpResponse:
    session, customer = _session(id)
    flow = session["flow"]
    if flow and not session.get("_is_flow_done"):
        return HttpResponseRedirect(_flow_page(session, flow))
    owned = store().rows("subscription", customer=customer["id"])
    invoices = [_invoice(row) for row in store().rows("invoice", customer=customer["id"]) if row["status"] != "draft"]
    context = {
        "card": _card(customer),
        "features": _features(session),
        "invoices": invoices,
        "open": [row for row in invoices if row["status"] == "open"],
        "return_url": session["return_url"],
        "session": session,
        "subscriptions": [_row(each) for each in owned if each["status"] != "incomplete"],
    }
    return render(request, "sandbox/portal.html", context)


def _flow_page(session: Object, flow: Object) -> str:
    name = FLOW_PAGES.get(flow["type"], "change")
    about = flow.get(flow["type"])
    return f"/p/session/{session['id']}/{name}" + (f"/{about['subscription']}" if about else "")


@page("GET", "p/session/<id>/card")
def show_card(request: HttpRequest, params: Params, id: str) -> HttpResponse:
    session, _ = _session(id, "payment_method_update")
    return _card_form(request, session)


@page("POST", "p/session/<id>/card")
def use_card(request: HttpRequest, params: Params, id: str) -> HttpResponse:
    session, customer = _session(id, "payment_method_update")
    try:
        method = card_from(params, customer["email"] or "")
        cards.refuse_dead(method)
    except Refused as refused:
        return _card_form(request, session, str(refused), params)
    if cards.asks(method):
        session["_method"] = method["id"]
        return HttpResponseRedirect(f"/p/session/{id}/factor")
    selfservice.use_card(customer, method)
    return _done(session)


@page("GET", "p/session/<id>/factor")
def ask(request: HttpRequest, params: Params, id: str) -> HttpResponse:
    return render(request, "sandbox/factor.html", {"amount": ""})


@page("POST", "p/session/<id>/factor")
def answer(request: HttpRequest, params: Params, id: str) -> HttpResponse:
    session, customer = _session(id, "payment_method_update")
    method = store().get("payment_method", session.pop("_method", ""))
    if params.text("factor") != "complete":
        return _card_form(request, session, "We are unable to authenticate your payment method. Choose another one.")
    method["_is_set_up"] = True
    selfservice.use_card(customer, method)
    return _done(session)


@page("GET", "p/session/<id>/cancel/<subscription>")
def show_cancel(request: HttpRequest, params: Params, id: str, subscription: str) -> HttpResponse:
    session, owned = _owned(id, subscription, "subscription_cancel")
    at_once = _features(session)["subscription_cancel"]["mode"] == "immediately"
    context = {"session": session, "row": _row(owned), "at_once": at_once}
    return render(request, "sandbox/portal_cancel.html", context)


@page("POST", "p/session/<id>/cancel/<subscription>")
def cancel(request: HttpRequest, params: Params, id: str, subscription: str) -> HttpResponse:
    session, owned = _owned(id, subscription, "subscription_cancel")
    if owned["status"] in subscriptions.LIVE and not owned["cancel_at"]:
        selfservice.cancel(owned, at_once=_features(session)["subscription_cancel"]["mode"] == "immediately")
    return _done(session)


@page("POST", "p/session/<id>/resume/<subscription>")
def resume(request: HttpRequest, params: Params, id: str, subscription: str) -> HttpResponse:
    session, owned = _owned(id, subscription, "subscription_cancel")
    if owned["status"] in subscriptions.LIVE:
        selfservice.resume(owned)
    return _done(session)


@page("GET", "p/session/<id>/change/<subscription>")
def show_change(request: HttpRequest, params: Params, id: str, subscription: str) -> HttpResponse:
    session, owned = _owned(id, subscription, "subscription_update")
    return _change_form(request, session, owned)


@page("POST", "p/session/<id>/change/<subscription>")
def change(request: HttpRequest, params: Params, id: str, subscription: str) -> HttpResponse:
    session, owned = _owned(id, subscription, "subscription_update")
    feature = _features(session)["subscription_update"]
    price = store().get("price", params.text("price") or "")
    if price["id"] not in _offered(feature) or not selfservice.can_change(owned):
        raise Refused("This plan is not offered.")
    if price["id"] == subscriptions.items_of(owned)[0]["price"]["id"]:
        selfservice.drop_schedule(owned)
    elif selfservice.is_less(owned, price, feature["schedule_at_period_end"]["conditions"]):
        selfservice.change_later(owned, price)
    else:
        selfservice.change_now(owned, price, feature["proration_behavior"])
    return _done(session)


@page("POST", "p/session/<id>/pay/<invoice>")
def pay(request: HttpRequest, params: Params, id: str, invoice: str) -> HttpResponse:
    """Charge an open invoice to the card on file; its own page takes another one."""
    session, customer = _session(id)
    row = store().get("invoice", invoice)
    if row["customer"] != customer["id"]:
        raise NoSuch("invoice", invoice)
    if row["status"] == "open" and collection.charge(row):
        return HttpResponseRedirect(f"/i/{invoice}")
    return HttpResponseRedirect(f"/p/session/{session['id']}")


def _session(id: str, feature: str = "") -> tuple[Object, Object]:
    """A session that is still good, and its customer. Raises NoSuch, and Refused for what is switched off."""
    session = store().get(KIND, id)
    if store().now() > session["created"] + GOOD_FOR:
        raise Refused("This address has expired. Go back and open the portal again.")
    if feature and not _features(session)[feature]["enabled"]:
        raise Refused("The portal's settings do not allow this.")
    return session, store().get("customer", session["customer"])


def _owned(id: str, subscription: str, feature: str) -> tuple[Object, Object]:
    session, customer = _session(id, feature)
    owned = store().get("subscription", subscription)
    if owned["customer"] != customer["id"]:
        raise NoSuch("subscription", subscription)
    return session, owned


def _features(session: Object) -> Object:
    features: Object = store().get(CONFIGURATION, session["configuration"])["features"]
    return features


def _offered(feature: Object) -> list[str]:
    return [price for product in feature.get("_products") or [] for price in product["prices"]]


def _done(session: Object) -> HttpResponse:
    """Back to the first page, or to where a flow is to end."""
    session["_is_flow_done"] = True
    redirect = ((session["flow"] or {}).get("after_completion") or {}).get("redirect")
    return HttpResponseRedirect(redirect["return_url"] if redirect else f"/p/session/{session['id']}")


def _card_form(request: HttpRequest, session: Object, error: str = "", given: Params | None = None) -> HttpResponse:
    context = {"cards": CARDS, "error": error, "given": given or {}, "session": session}
    return render(request, "sandbox/portal_card.html", context, status=402 if error else 200)


def _change_form(request: HttpRequest, session: Object, owned: Object) -> HttpResponse:
    feature = _features(session)["subscription_update"]
    held = subscriptions.items_of(owned)[0]["price"]["id"]
    prices = [store().get("price", id) for id in _offered(feature)]
    conditions = feature["schedule_at_period_end"]["conditions"]
    context = {
        "choices": [
            {
                "id": price["id"],
                "is_held": price["id"] == held,
                "is_later": price["id"] != held and selfservice.is_less(owned, price, conditions),
                "text": f"{lines.name_of(price)}, {_rate(price)}",
            }
            for price in prices
            if price["active"]
        ],
        "can_change": selfservice.can_change(owned),
        "row": _row(owned),
        "session": session,
    }
    return render(request, "sandbox/portal_change.html", context)


def _rate(price: Object) -> str:
    return f"{lines.money(price['unit_amount'], price['currency'])} / {price['recurring']['interval']}"


def _card(customer: Object) -> Object | None:
    owned = store().rows("subscription", customer=customer["id"])
    found = subscriptions.method_of(owned[0] if owned else None, customer)
    return found["card"] if found else None


def _row(subscription: Object) -> Object:
    """A subscription in a customer's words."""
    items = subscriptions.items_of(subscription)
    return {
        "can_change": selfservice.can_change(subscription),
        "ends": day(subscription["cancel_at"]) if subscription["cancel_at"] else "",
        "id": subscription["id"],
        "is_over": subscription["status"] not in subscriptions.LIVE,
        "items": [f"{item['quantity']} × {lines.name_of(item['price'])}, {_rate(item['price'])}" for item in items],
        "next": _next(subscription),
        "status": subscription["status"].replace("_", " "),
        "until": day(subscriptions.period(subscription)[1]),
    }


def _next(subscription: Object) -> str:
    """What the plan becomes with the next period, where that is planned."""
    schedule = store().objects.get(subscription["schedule"] or "")
    if not schedule or len(schedule["phases"]) < 2:
        return ""
    return lines.name_of(store().get("price", schedule["phases"][-1]["items"][0]["price"]))


def _invoice(invoice: Object) -> Object:
    return {
        "amount": lines.money(invoice["total"], invoice["currency"]),
        "date": day(invoice["created"]),
        "id": invoice["id"],
        "number": invoice["number"],
        "status": invoice["status"],
    }
