"""The form for a card, which several pages have."""

from __future__ import annotations

from billing.sandbox.engine import cards
from billing.sandbox.errors import Missing, Refused
from billing.sandbox.forms import Params
from billing.sandbox.resources.payment_methods import card_of
from billing.sandbox.store import Object

# What a developer may type, and what it does.
CARDS = (
    (cards.PAYS, "pays"),
    (cards.FAILS_LATER, "pays now, fails at every renewal"),
    (cards.HAS_NO_FUNDS, "is declined: insufficient funds"),
    (cards.DECLINES, "is declined"),
    (cards.ASKS, "asks for a second factor, once"),
    (cards.ASKS_ALWAYS, "asks for a second factor each time, so renewals fail"),
    (cards.IS_DISPUTED, "pays, and is disputed at once"),
)


def card_from(params: Params, email: str) -> Object:
    """The payment method that was typed in. Raises Refused with words for the customer."""
    try:
        number = params.required("card")
    except Missing:
        raise Refused("Enter a card number.", param="card") from None
    name = params.text("name")
    return card_of(number, billing={"email": email or None, "name": name})
