"""The one client of Stripe: pinned version, time-outs, no retries of its own, an operator's base address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import stripe
import structlog
from django.conf import settings

from moondev.lib.errors import AppError, Conflict, Internal, Unavailable

# Seconds. A caller that can wait for another try has a queue; a person at a page has not.
CONNECT_SECONDS, ANSWER_SECONDS = 5, 20
STRIPE_ADDRESS = "https://api.stripe.com"

# Stripe cannot be reached, is overloaded or broken: the same call may go through later.
AWAY: tuple[type[stripe.StripeError], ...] = (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError)

# Stripe's word for an id that it does not know.
MISSING = "resource_missing"
# What a bank's refusal means to the person at the page; every other reason is told as a plain refusal.
ASKS = "The bank wants to ask you before it pays, and could not."
DECLINES = {
    "insufficient_funds": "The card does not have enough funds.",
    "expired_card": "The card has expired.",
    "authentication_required": ASKS,
    # Of a change of a subscription that a bank has to be asked about.
    "subscription_payment_intent_requires_action": ASKS,
}
log = structlog.get_logger(__name__)


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


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Stripe's refusals as ours, for a person or program that waits for the answer.

    Raises Unavailable while Stripe is away, Conflict for a declined payment, and Internal, which is logged, for a call
    that we got wrong: a customer cannot mend it.
    """
    try:
        yield
    except stripe.StripeError as error:
        raise _in_plain_words(error) from error


def _in_plain_words(error: stripe.StripeError) -> AppError:
    if isinstance(error, AWAY):
        return Unavailable("Payments are away for a moment. Try again shortly.", headers={"Retry-After": "5"})
    if isinstance(error, stripe.CardError):
        reason = DECLINES.get(_decline(error), "The payment was declined.")
        return Conflict(f"{reason} Nothing was changed. Choose another payment method, then try again.")
    if isinstance(error, stripe.IdempotencyError):
        return Conflict("This was sent before with other values. Load the page again, or send a new Idempotency-Key.")
    # Ids and field names only; Stripe's text may quote what a customer typed.
    log.error("stripe_refused", code=error.code, stripe_request=error.request_id, param=getattr(error, "param", None))
    return Internal("This could not be done at Stripe. We have been told; try again later.")


def _decline(error: stripe.CardError) -> str:
    """Stripe's word for a refusal: that of the bank where there is one, else that of the check before it."""
    details = error.error
    return str((details and details.decline_code) or error.code or "")
