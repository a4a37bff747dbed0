"""What goes wrong on purpose, and what tests ask afterwards: which calls came in."""

from __future__ import annotations

import math
import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from billing.sandbox.errors import Refused
from billing.sandbox.store import store

API_VERSION = settings.STRIPE_API_VERSION
MODES = ("", "reset", "500", "timeout", "429")
# Seconds for which a call hangs; the product waits for 20.
LONGEST_HANG = 30
MOST_CALLS = 10_000

_mode, _until = "", 0.0


def set_mode(mode: str, seconds: float | None) -> None:
    """How the API behaves from now on, for so many seconds of real time; "" mends it."""
    if mode not in MODES:
        raise Refused(f"Invalid mode: must be one of {', '.join(MODES)}", param="mode")
    global _mode, _until
    _mode, _until = mode, time.monotonic() + seconds if seconds else math.inf


def mode() -> str:
    """What is wrong now; "" when nothing is."""
    return _mode if time.monotonic() < _until else ""


def note(request: HttpRequest, key: str) -> None:
    """Remember a call, also one that is about to fail."""
    calls = store().calls
    calls.append({"method": request.method or "", "path": request.path, "idempotency_key": key})
    del calls[:-MOST_CALLS]


def answer() -> HttpResponse | None:
    """The answer of a Stripe that is not well; None when it is."""
    match mode():
        case "500":
            return JsonResponse(Refused("An unknown error occurred", kind="api_error").body, status=500)
        case "429":
            refused = Refused("Too many requests", code="rate_limit")
            return JsonResponse(refused.body, status=429)
        case "timeout":
            _hang()
            return _cut_off()
        case "reset":
            return _cut_off()
    return None


def _hang() -> None:
    deadline = time.monotonic() + LONGEST_HANG
    while mode() == "timeout" and time.monotonic() < deadline:
        time.sleep(0.1)


def _cut_off() -> HttpResponse:
    """The server drops a connection whose body is shorter than announced."""
    response = HttpResponse(b"{", content_type="application/json")
    response["Content-Length"] = "4096"
    return response
