"""What has to be in Stripe before anything can be sold: made from our rows, and made right again as often as wanted."""

from __future__ import annotations

import stripe

from billing.payments.setup.catalogue import set_prices
from billing.payments.setup.portal import set_portal
from billing.payments.setup.steps import Steps
from billing.payments.setup.webhook import set_webhook
from billing.payments.stripe_api import AWAY

__all__ = ["SetupFailed", "set_up"]


class SetupFailed(Exception):
    """Why it stopped, for the operator. What was done until then stays, and the next run goes on from there."""


def set_up(*, is_dry: bool = False, webhook_url: str = "") -> list[str]:
    """Products, prices, customer portal and webhook endpoint as the Plan and AddOn rows want them.

    Returns a line for each thing done; with `is_dry` nothing is, and the lines say what would be. A second run does
    nothing. Raises SetupFailed.
    """
    steps = Steps(is_dry=is_dry)
    try:
        products = set_prices(steps)
        set_portal(steps, products)
        set_webhook(steps, webhook_url)
    except AWAY as error:
        raise SetupFailed("Stripe cannot be reached: try again.") from error
    except stripe.AuthenticationError as error:
        raise SetupFailed(
            "Stripe does not accept STRIPE_SECRET_KEY: is it the whole key, of the right mode?"
        ) from error
    except stripe.StripeError as error:
        raise SetupFailed(f"Stripe refused a step: {error.user_message or type(error).__name__}") from error
    return steps.lines
