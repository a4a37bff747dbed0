"""What a customer reads of Stripe's refusals: our words, never Stripe's, and nothing secret in the log."""

from __future__ import annotations

import pytest
import stripe
from structlog.testing import capture_logs

from billing.payments.stripe_api import in_plain_words
from moondev.lib.errors import AppError, Conflict, Internal, Unavailable

SAID = "No such customer: cus_1; key sk_live_abc"


def told(error: stripe.StripeError) -> AppError:
    with pytest.raises(AppError) as refused, in_plain_words():
        raise error
    assert "cus_1" not in refused.value.detail
    return refused.value


@pytest.mark.parametrize(
    ("code", "decline", "words"),
    [
        ("card_declined", "insufficient_funds", "enough funds"),
        ("expired_card", None, "expired"),
        ("authentication_required", "authentication_required", "bank"),
        ("subscription_payment_intent_requires_action", None, "bank"),
        ("card_declined", "generic_decline", "was declined"),
        ("card_declined", "stolen_card", "was declined"),
    ],
)
def test_it_says_why_a_payment_was_declined(code: str, decline: str | None, words: str) -> None:
    body = {"error": {"type": "card_error", "code": code, "decline_code": decline, "message": SAID}}
    error = told(stripe.CardError(SAID, "", code, json_body=body))  # type: ignore[no-untyped-call]
    assert isinstance(error, Conflict)
    assert words in error.detail
    assert "stolen" not in error.detail


@pytest.mark.parametrize("kind", [stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError])
def test_it_says_when_to_try_again_while_stripe_is_away(kind: type[stripe.StripeError]) -> None:
    error = told(kind(SAID))
    assert isinstance(error, Unavailable)
    assert error.headers["Retry-After"]


def test_it_says_that_a_key_came_with_other_values() -> None:
    assert isinstance(told(stripe.IdempotencyError(SAID)), Conflict)


@pytest.mark.parametrize(
    "error",
    [
        stripe.InvalidRequestError(SAID, "price", code="resource_missing"),  # type: ignore[no-untyped-call]
        stripe.AuthenticationError(SAID),
        stripe.PermissionError(SAID),
    ],
)
def test_it_logs_what_only_we_can_mend_without_its_words(error: stripe.StripeError) -> None:
    with capture_logs() as logged:
        assert isinstance(told(error), Internal)
    assert [line["event"] for line in logged] == ["stripe_refused"]
    assert "sk_live" not in str(logged)
