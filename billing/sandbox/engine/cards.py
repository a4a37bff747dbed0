"""What each test card does when it is charged. The last four digits tell."""

from __future__ import annotations

from typing import Any

from billing.sandbox.errors import Declined
from billing.sandbox.store import Object

# Numbers as Stripe's documentation has them.
PAYS = "4242424242424242"
FAILS_LATER = "4000000000000341"
DECLINES = "4000000000000002"
HAS_NO_FUNDS = "4000000000009995"
ASKS = "4000002500003155"
ASKS_ALWAYS = "4000002760003184"
IS_DISPUTED = "4000000000000259"

WANTS_FACTOR = "authentication_required"

Trouble = dict[str, Any]


def trouble(method: Object, *, present: bool, confirmed: bool = False) -> Trouble | None:
    """Why a charge of this method fails now, as the fields of Stripe's error; None when it goes through.

    `present`: the customer sits at a page. `confirmed`: the bank's second factor was given just now.
    """
    last4 = method["card"]["last4"]
    if last4 == DECLINES[-4:]:
        return _declined("generic_decline", "Your card was declined.")
    if last4 == HAS_NO_FUNDS[-4:]:
        return _declined("insufficient_funds", "Your card has insufficient funds.")
    # At Stripe its first charge fails as well; here it pays at a page, so that a renewal can be seen failing.
    if last4 == FAILS_LATER[-4:] and not present:
        return _declined("generic_decline", "Your card was declined.")
    if _asks(method) and not confirmed:
        return {
            "code": WANTS_FACTOR,
            "decline_code": WANTS_FACTOR,
            "message": "Your card was declined. This transaction requires authentication.",
        }
    return None


def refuse_dead(method: Object) -> None:
    """A card that no bank would attach. Raises Declined."""
    found = trouble(method, present=True, confirmed=True)
    if found and method["card"]["last4"] == DECLINES[-4:]:
        raise Declined(found["message"], decline_code=found["decline_code"])


def asks(method: Object) -> bool:
    """Whether the bank wants a second factor at a page."""
    return method["card"]["last4"] in (ASKS[-4:], ASKS_ALWAYS[-4:])


def _asks(method: Object) -> bool:
    # Once set up with the second factor, the first of them is charged without asking again.
    return asks(method) and not (method["card"]["last4"] == ASKS[-4:] and method.get("_is_set_up"))


def _declined(decline_code: str, message: str) -> Trouble:
    return {"code": "card_declined", "decline_code": decline_code, "message": message}
