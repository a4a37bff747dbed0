"""Levers for tests and developers under /sandbox/: the clock, webhooks, faults. JSON in and out, no key needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from billing.sandbox import clock, deliveries, faults
from billing.sandbox.errors import Refused
from billing.sandbox.store import store

Given = dict[str, Any]
Lever = Callable[..., Any]

_levers: dict[str, tuple[str, Lever]] = {}


def lever(method: str, path: str) -> Callable[[Lever], Lever]:
    """Register one: `@lever("POST", "disputes/<id>/close") def close(given, id) -> Any`; the lock is held."""

    def keep(pull: Lever) -> Lever:
        _levers[path] = (method, pull)
        return pull

    return keep


def paths() -> list[str]:
    return sorted(_levers, key=lambda path: (path.count("<"), path))


def pull(request: HttpRequest, path: str, **ids: str) -> HttpResponse:
    """Answer one of them."""
    method, found = _levers[path]
    if request.method != method:
        return HttpResponse(status=405, headers={"Allow": method})
    with store().lock:
        try:
            answer = found(json.loads(request.body or b"{}"), *ids.values())
        except (Refused, KeyError, ValueError) as error:
            return JsonResponse({"error": str(error)}, status=400)
        store().is_dirty = True
    return JsonResponse(answer, safe=False)


@lever("POST", "clock/advance")
def advance(given: Given) -> Any:
    """{seconds} -> {now}"""
    clock.advance(int(given["seconds"]))
    return {"now": store().now()}


@lever("POST", "webhooks/mode")
def set_mode(given: Given) -> Any:
    """{duplicate, shuffle, delay_ms, hold}: what is not named is off."""
    was_held = store().mode.get("hold")
    store().mode = {name: given.get(name) for name in ("duplicate", "shuffle", "delay_ms", "hold")}
    if was_held and not given.get("hold"):
        deliveries.release()
    return store().mode


@lever("GET", "webhooks/pending")
def pending(given: Given) -> Any:
    """The held events, each with a body that is signed now: [{event, body, signature}]."""
    return [_ready(event) for event in deliveries.held()]


@lever("POST", "webhooks/release")
def release(given: Given) -> Any:
    """Send them after all; the answer is what `pending` would have said."""
    return [_ready(event) for event in deliveries.release()]


@lever("POST", "down")
def down(given: Given) -> Any:
    """{mode: "" | "reset" | "500" | "timeout" | "429", seconds?}"""
    faults.set_mode(given["mode"], given.get("seconds"))
    return {"mode": faults.mode()}


@lever("POST", "reset")
def reset(given: Given) -> Any:
    """Forget every object, event, key and call, mend every fault."""
    store().reset()
    faults.set_mode("", None)
    return {}


@lever("POST", "keep")
def keep(given: Given) -> Any:
    """{name}: remember every object and the clock under it, until the process ends."""
    store().keep(str(given["name"]))
    return {}


@lever("POST", "restore")
def restore(given: Given) -> Any:
    """{name}: be as it was kept, every fault mended."""
    store().restore(str(given["name"]))
    faults.set_mode("", None)
    return {}


@lever("GET", "calls")
def calls(given: Given) -> Any:
    """[{method, path, idempotency_key}], the oldest first, those of a stopped API included."""
    return store().calls


def _ready(event: dict[str, Any]) -> dict[str, Any]:
    body, signature = deliveries.signed(event, deliveries.secret_of({}))
    return {"event": json.loads(body), "body": body, "signature": signature}
