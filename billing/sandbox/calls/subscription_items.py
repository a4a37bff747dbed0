"""The items of a subscription, one by one."""

from __future__ import annotations

from billing.sandbox.calls import terms
from billing.sandbox.calls.subscriptions import make_change
from billing.sandbox.engine import changes, subscriptions
from billing.sandbox.engine.subscriptions import Wanted
from billing.sandbox.errors import NoSuch
from billing.sandbox.forms import Params
from billing.sandbox.http import needed, resource
from billing.sandbox.store import Object, store

TAKES = "metadata off_session payment_behavior price price_data proration_behavior proration_date quantity"


def _held(id: str) -> tuple[Object, Object]:
    """An item and its subscription."""
    for subscription in store().rows("subscription"):
        for item in subscriptions.items_of(subscription):
            if item["id"] == id:
                return item, subscription
    raise NoSuch("subscription_item", id)


@resource("GET", "v1/subscription_items", takes="subscription")
def list_items(params: Params) -> list[Object]:
    subscription = needed("subscription", params, "subscription")
    return subscriptions.items_of(subscription)


@resource("GET", "v1/subscription_items/<id>", takes="")
def retrieve(params: Params, id: str) -> Object:
    return _held(id)[0]


@resource("POST", "v1/subscription_items", takes=f"{TAKES} subscription")
def create(params: Params) -> Object:
    subscription = needed("subscription", params, "subscription")
    _change(subscription, params, [*_all(subscription), terms.wanted(params)])
    return subscriptions.items_of(subscription)[-1]


@resource("POST", "v1/subscription_items/<id>", takes=TAKES)
def update(params: Params, id: str) -> Object:
    item, subscription = _held(id)
    changed = terms.item_change(item, params)
    _change(subscription, params, [changed if each.item == id else each for each in _all(subscription)])
    return _held(id)[0]


@resource("DELETE", "v1/subscription_items/<id>", takes="payment_behavior proration_behavior proration_date")
def delete(params: Params, id: str) -> Object:
    _, subscription = _held(id)
    _change(subscription, params, [each for each in _all(subscription) if each.item != id])
    return {"id": id, "object": "subscription_item", "deleted": True}


def _all(subscription: Object) -> list[Wanted]:
    return [terms.as_is(item) for item in subscriptions.items_of(subscription)]


def _change(subscription: Object, params: Params, wanted: list[Wanted]) -> None:
    change = changes.Change(
        wanted,
        behavior=params.choice("proration_behavior", changes.BEHAVIORS) or "create_prorations",
        at=params.integer("proration_date"),
    )
    changes.check(subscription, change)
    make_change(subscription, params, change)
