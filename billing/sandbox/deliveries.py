"""Webhooks: events signed as Stripe signs them, sent until somebody takes them, badly on request."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import threading
import time
from typing import Any

import requests
from django.conf import settings

from billing.sandbox.expand import shown
from billing.sandbox.store import Object, store

Delivery = dict[str, Any]

# Seconds of real time until the next try; the last one repeats.
RETRIES = (0.5, 2, 5, 15, 60)
GIVE_UP_SECONDS = 3 * 86400
TIMEOUT = 10
# How far events may overtake one another when they are shuffled and no delay was set.
SHUFFLE_SECONDS = 0.5

_wake = threading.Event()


def endpoints_for(type: str) -> list[Object]:
    """The endpoints that want such events: those made by the API, and the one of the environment."""
    made = store().rows("webhook_endpoint")
    usual = settings.STRIPE_SANDBOX_WEBHOOK_URL
    if usual and not any(endpoint["url"] == usual for endpoint in made):
        made.append({"id": "environment", "url": usual, "enabled_events": ["*"], "status": "enabled"})
    wanted = ({"*", type} & set(endpoint["enabled_events"]) for endpoint in made)
    return [endpoint for endpoint, wants in zip(made, wanted, strict=True) if wants and endpoint["status"] == "enabled"]


def secret_of(endpoint: Object) -> str:
    """What an endpoint's signatures are made with; the product's own address has the secret of its environment."""
    return str(endpoint.get("_secret") or settings.STRIPE_WEBHOOK_SECRETS[0])


def queue(event: Object) -> None:
    """Send an event to every endpoint that wants it; held ones wait even where there is none."""
    mode = store().mode
    if mode.get("hold"):
        store().deliveries.append({"event": event["id"], "held": True})
        return
    for endpoint in endpoints_for(event["type"]):
        for _ in range(2 if mode.get("duplicate") else 1):
            store().deliveries.append(
                {"event": event["id"], "to": endpoint["id"], "due": time.time() + _delay(mode), "tries": 0}
            )
    _wake.set()


def held() -> list[Object]:
    """The events that are held back, the oldest first."""
    return [store().get("event", each["event"]) for each in store().deliveries if each.get("held")]


def release() -> list[Object]:
    """Send what was held back, in the mode that is set now."""
    events = held()
    store().mode.pop("hold", None)
    store().deliveries = [each for each in store().deliveries if not each.get("held")]
    for event in events:
        queue(event)
    return events


def signed(event: Object, secret: str) -> tuple[str, str]:
    """The body of a webhook and its Stripe-Signature, fresh by real time: receivers compare with their own clock."""
    body = json.dumps(shown(event), indent=2)
    moment = int(time.time())
    digest = hmac.new(secret.encode(), f"{moment}.{body}".encode(), hashlib.sha256).hexdigest()
    return body, f"t={moment},v1={digest}"


def send_due() -> None:
    """Wait for something to be due, not for long, and try each once."""
    _wake.wait(0.2)
    _wake.clear()
    for delivery in _due():
        _try(delivery)


def _due() -> list[Delivery]:
    data = store()
    with data.lock:
        waiting = [each for each in data.deliveries if not each.get("held") and each["due"] <= time.time()]
    return sorted(waiting, key=lambda each: each["due"])


def _try(delivery: Delivery) -> None:
    """One try: done and forgotten, or put off."""
    data = store()
    with data.lock:
        event = data.objects.get(delivery["event"])
        found = [each for each in endpoints_for(event["type"]) if each["id"] == delivery["to"]] if event else []
        if event is None or not found:
            _forget(delivery)
            return
        body, signature = signed(event, secret_of(found[0]))
    is_taken = _send(found[0]["url"], body, signature)
    with data.lock:
        data.is_dirty = True
        if is_taken:
            event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
            _forget(delivery)
        else:
            _put_off(delivery)


def _send(url: str, body: str, signature: str) -> bool:
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature,
        "User-Agent": "Stripe/1.0 (sandbox)",
    }
    try:
        answer = requests.post(url, data=body.encode(), headers=headers, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException:
        return False
    return answer.ok and not answer.is_redirect


def _put_off(delivery: Delivery) -> None:
    first = delivery.setdefault("first", time.time())
    if time.time() - first > GIVE_UP_SECONDS:
        _forget(delivery)
    delivery["due"] = time.time() + RETRIES[min(delivery["tries"], len(RETRIES) - 1)]
    delivery["tries"] += 1


def _forget(delivery: Delivery) -> None:
    store().deliveries = [each for each in store().deliveries if each is not delivery]


def _delay(mode: dict[str, Any]) -> float:
    seconds = float(mode.get("delay_ms") or 0) / 1000
    return random.uniform(0, seconds or SHUFFLE_SECONDS) if mode.get("shuffle") else seconds  # noqa: S311
