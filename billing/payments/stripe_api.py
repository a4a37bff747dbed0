"""The one client of Stripe: pinned version, time-outs, no retries of its own, an operator's base address."""

from __future__ import annotations

from functools import lru_cache

import stripe
from django.conf import settings

# Seconds. A caller that can wait for another try has a queue; a person at a page has not.
CONNECT_SECONDS, ANSWER_SECONDS = 5, 20
STRIPE_ADDRESS = "https://api.stripe.com"

# Stripe cannot be reached, is overloaded or broken: the same call may go through later.
AWAY: tuple[type[stripe.StripeError], ...] = (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError)


def client() -> stripe.StripeClient:
    """The process-wide client: `client().v1.subscriptions.retrieve("sub_1", params={"expand": [...]})`.

    Every write names its idempotency key: `options={"idempotency_key": ...}`.
    """
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@lru_cache(maxsize=4)
def _client(key: str, base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        stripe_version=settings.STRIPE_API_VERSION,
        base_addresses={"api": base or STRIPE_ADDRESS},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS)),
    )
