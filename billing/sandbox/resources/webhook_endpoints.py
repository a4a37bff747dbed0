"""Where events are sent: endpoints made by the API. The one of the environment needs none (deliveries.py)."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from django.conf import settings

from billing.sandbox.errors import Missing, Refused
from billing.sandbox.forms import Params
from billing.sandbox.http import resource
from billing.sandbox.paging import created_in
from billing.sandbox.store import Object, store


@resource("POST", "v1/webhook_endpoints", takes="api_version connect description enabled_events metadata url")
def create(params: Params) -> Object:
    """Only this answer holds the secret, as at Stripe."""
    data = store()
    endpoint: Object = {
        "id": data.new_id("we"),
        "object": "webhook_endpoint",
        "api_version": params.text("api_version"),
        "application": None,
        "created": data.now(),
        "description": params.text("description"),
        "enabled_events": _events(params),
        "livemode": False,
        "metadata": params.metadata(),
        "status": "enabled",
        "url": _url(params),
    }
    # The product's own address is signed for with the secret that it has from the environment already.
    is_usual = endpoint["url"] == settings.STRIPE_SANDBOX_WEBHOOK_URL
    endpoint["_secret"] = settings.STRIPE_WEBHOOK_SECRETS[0] if is_usual else f"whsec_{secrets.token_hex(16)}"
    return data.put("webhook_endpoint", endpoint) | {"secret": endpoint["_secret"]}


@resource("GET", "v1/webhook_endpoints", takes="created")
def list_endpoints(params: Params) -> list[Object]:
    return created_in(store().rows("webhook_endpoint"), params)


@resource("GET", "v1/webhook_endpoints/<id>", takes="")
def retrieve(params: Params, id: str) -> Object:
    return store().get("webhook_endpoint", id)


@resource("POST", "v1/webhook_endpoints/<id>", takes="description disabled enabled_events metadata url")
def update(params: Params, id: str) -> Object:
    endpoint = store().get("webhook_endpoint", id)
    if "enabled_events" in params:
        endpoint["enabled_events"] = _events(params)
    if "url" in params:
        endpoint["url"] = _url(params)
    if "disabled" in params:
        endpoint["status"] = "disabled" if params.flag("disabled") else "enabled"
    params.write(endpoint, "description")
    endpoint["metadata"] = params.metadata(endpoint["metadata"])
    return endpoint


@resource("DELETE", "v1/webhook_endpoints/<id>", takes="")
def delete(params: Params, id: str) -> Object:
    return store().remove(store().get("webhook_endpoint", id))


def _events(params: Params) -> list[str]:
    events = params.texts("enabled_events")
    if not events:
        raise Missing("enabled_events")
    return events


def _url(params: Params) -> str:
    url = params.required("url")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise Refused(
            "Invalid URL: An explicit scheme (such as https) must be provided.", code="url_invalid", param="url"
        )
    return url
