"""Only this machine may speak with the sandbox, and no page of another site through a developer's browser."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from billing.sandbox.store import store
from moondev.lib.addresses import parse_address

HOSTS = ("127.0.0.1", "localhost", "::1")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"


class ThisMachineOnly:
    """Refuses a peer that is not this machine, a Host that is not it (DNS rebinding), and a foreign Origin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        peer = parse_address(request.META.get("REMOTE_ADDR", ""))
        host = request.META.get("HTTP_HOST", "")
        origin = request.headers.get("Origin")
        if peer is None or not peer.is_loopback or urlsplit(f"//{host}").hostname not in HOSTS:
            return HttpResponse("The sandbox answers this machine only.\n", status=403, content_type="text/plain")
        if origin is not None and urlsplit(origin).netloc != host:
            return HttpResponse("Another site may not post here.\n", status=403, content_type="text/plain")
        store().base = f"http://{host}"
        response = self.get_response(request)
        response["Content-Security-Policy"] = POLICY
        response["Cache-Control"] = "no-store"
        return response
