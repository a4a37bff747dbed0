"""Which model a stage asks, where it is and what it costs: the operator's settings, never a workspace's."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from django.conf import settings

Asker = Literal["research", "draft", "debug"]
# Servers that take no key still want a header.
NO_KEY = "none"


@dataclass(frozen=True)
class Server:
    """A model behind an address (empty: OpenAI's own). Prices are USD per million tokens."""

    model: str
    base_url: str
    api_key: str
    price_in: Fraction = Fraction(0)
    price_out: Fraction = Fraction(0)

    def micro_usd(self, tokens_in: int, tokens_out: int) -> int:
        """What a call costs in millionths of a USD, rounded up."""
        return -int(-(tokens_in * self.price_in + tokens_out * self.price_out) // 1)


def server_of(stage: Asker) -> Server | None:
    """The stage's model; None when the operator has named none."""
    model, base_url, api_key = settings.RBI_STAGES[stage]
    if not model:
        return None
    # A server of its own never gets the general key.
    general = "" if base_url and base_url != settings.RBI_MODEL_BASE_URL else settings.RBI_MODEL_API_KEY
    price_in, price_out = price_of(model)
    return Server(model, base_url or settings.RBI_MODEL_BASE_URL, api_key or general or NO_KEY, price_in, price_out)


def name_of(stage: Asker) -> str:
    """The name of a stage's model; empty when there is none."""
    return str(settings.RBI_STAGES[stage][0])


def price_of(model: str) -> tuple[Fraction, Fraction]:
    """USD per million tokens in and out; nothing for a model without a price."""
    text = settings.RBI_MODEL_PRICES.get(model, "")
    given, _, made = text.partition("/")
    return Fraction(given or "0"), Fraction(made or given or "0")
