"""How often an address without a key may make pages to pay on: each costs calls to Stripe."""

from __future__ import annotations

from django.http import HttpRequest
from django_ratelimit.core import get_usage
from redis.exceptions import RedisError

from accounts.throttle import address_of
from moondev.lib.addresses import line_of
from moondev.lib.errors import TooManyRequests, Unavailable

# As django-ratelimit writes them.
RATES = ("10/m", "60/h")


def check_address_rate(request: HttpRequest) -> str:
    """Count a request and return the address that it is counted for. Raises TooManyRequests, Unavailable."""
    line = line_of(address_of(request))
    try:
        wait = max(_count(request, line, rate) for rate in RATES)
    except RedisError as error:
        # Uncounted would be unlimited.
        raise Unavailable("Buying is not possible for a moment. Try again.", headers={"Retry-After": "5"}) from error
    if wait:
        raise TooManyRequests(
            f"Too many checkout pages were made from your address. Wait {wait} s, or send a key of scope `billing`.",
            headers={"Retry-After": str(wait)},
        )
    return line


def _count(request: HttpRequest, line: str, rate: str) -> int:
    """Seconds to wait; 0 within the rate."""
    usage = get_usage(request, group=f"checkout {rate}", key=lambda group, asked: line, rate=rate, increment=True)
    return max(1, usage["time_left"]) if usage and usage["should_limit"] else 0
