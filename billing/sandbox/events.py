"""Events: what happened, kept for the API and told to webhooks."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from billing.sandbox import deliveries
from billing.sandbox.expand import shown
from billing.sandbox.forms import Params
from billing.sandbox.http import resource
from billing.sandbox.paging import created_in
from billing.sandbox.store import Object, store


def emit(type: str, obj: Object, previous: dict[str, Any] | None = None) -> Object:
    """Make the event `type` about an object as it is now, and send it on its way.

    `previous` holds the old values of what changed; Stripe sends it with `….updated` only.
    """
    data = store()
    about: Object = {"object": shown(obj)}
    if previous is not None:
        about["previous_attributes"] = shown(previous)
    event = {
        "id": data.new_id("evt"),
        "api_version": settings.STRIPE_API_VERSION,
        "created": data.now(),
        "data": about,
        "livemode": False,
        "pending_webhooks": len(deliveries.endpoints_for(type)),
        "request": dict(data.request),
        "type": type,
    }
    data.put("event", event)
    deliveries.queue(event)
    return event


def changes(old: Object, new: Object) -> dict[str, Any]:
    """`previous_attributes` between a copy from before and the object now; of nested objects only what differs."""
    before: dict[str, Any] = {}
    for name in old.keys() | new.keys():
        was, is_now = old.get(name), new.get(name)
        if was == is_now or name.startswith("_"):
            continue
        if isinstance(was, dict) and isinstance(is_now, dict) and "object" not in was:
            before[name] = changes(was, is_now)
        else:
            before[name] = was
    return before


@resource("GET", "v1/events", takes="type types created delivery_success")
def list_events(params: Params) -> list[Object]:
    rows = created_in(store().rows("event", type=params.text("type")), params)
    types = params.texts("types")
    return [row for row in rows if row["type"] in types] if types else rows


@resource("GET", "v1/events/<id>", takes="")
def retrieve_event(params: Params, id: str) -> Object:
    return store().get("event", id)
