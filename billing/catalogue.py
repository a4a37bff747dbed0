"""The price list, from a cache of each process. It may be half a second old; rights are never decided from it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from django.db import OperationalError

from billing.models import Plan
from billing.terms import Terms

# A changed plan shows everywhere within a second, and reading the list costs two queries a second at most.
FRESH_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan as it is sold; prices in US cents."""

    title: str
    description: str
    terms: Terms
    price_month_cents: int
    price_year_cents: int


class _Shelf:
    """The offers and when (monotonic seconds) they were read."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.offers: tuple[Offer, ...] = ()
        self.read_at = float("-inf")


_shelf = _Shelf()


def offers() -> tuple[Offer, ...]:
    """Every plan, weakest first. With PostgreSQL away the last list that was read still answers."""
    with _shelf.lock:
        if time.monotonic() - _shelf.read_at > FRESH_SECONDS:
            _refresh()
        return _shelf.offers


def forget() -> None:
    """Read the list again at the next call."""
    _shelf.read_at = float("-inf")


def _refresh() -> None:
    try:
        _shelf.offers = tuple(_offer(plan) for plan in Plan.objects.order_by("rank"))
    except OperationalError:
        if not _shelf.offers:
            raise
    _shelf.read_at = time.monotonic()


def _offer(plan: Plan) -> Offer:
    return Offer(plan.title, plan.description, plan.terms(), plan.price_month_cents, plan.price_year_cents)
