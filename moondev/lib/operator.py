"""The operator: whoever runs the stack, known by a token or by asking from the machine itself."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import HttpRequest

from moondev.lib.addresses import client_address, parse_address

# Any of these says that somebody stands behind the peer, so that a loopback peer proves nothing.
FORWARDING = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
    "HTTP_VIA",
)


def has_operator_token(request: HttpRequest) -> bool:
    """Whether the request carries `Authorization: Bearer <OPERATOR_TOKEN>`; never when no token is set."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    expected = settings.OPERATOR_TOKEN
    if not expected or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(token.strip().encode(), expected.encode())


def is_on_this_machine(request: HttpRequest) -> bool:
    """Whether peer and client are both loopback and no proxy had a hand in it."""
    if any(header in request.META for header in FORWARDING):
        return False
    peer = parse_address(request.META.get("REMOTE_ADDR", ""))
    client = parse_address(client_address(request.META.get("REMOTE_ADDR", ""), "", settings.TRUSTED_PROXIES))
    return bool(peer and client and peer.is_loopback and client.is_loopback)
