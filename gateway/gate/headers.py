"""What every keyed answer says of its minute (draft-ietf-httpapi-ratelimit-headers-10)."""

from __future__ import annotations

from django.http import HttpResponseBase

from gateway.gate.interface import WINDOW_SECONDS, Admission


def put_headers(response: HttpResponseBase, admission: Admission) -> None:
    """The policy, and what is left of the minute after this answer."""
    response.headers["RateLimit-Policy"] = f'"minute";q={admission.ticket.limit};w={WINDOW_SECONDS}'
    response.headers["RateLimit"] = f'"minute";r={admission.remaining};t={admission.resets_in}'
