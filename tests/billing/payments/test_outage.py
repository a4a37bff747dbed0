"""Stripe is away while it has much to tell: with a real server, a real worker and its beat."""

from __future__ import annotations

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.db.models import Count
from djstripe.models import Invoice

from accounts.models import Workspace
from billing.limits import terms_of
from billing.models import StripeEvent
from moondev.lib.queue import State
from tests.billing.payments.seller import Seller
from tests.billing.payments.telling import URL
from tests.billing.sandbox.fixture import KEY
from tests.live import LiveService
from tests.worker import running_worker

pytestmark = [pytest.mark.slow(35), pytest.mark.django_db(transaction=True)]
# Each sale makes fifteen events.
BUYERS, EVENTS = 67, 1000
# Seconds; by themselves long enough for several looks at a Stripe that is still away.
AWAY = float(os.environ.get("OUTAGE_SECONDS", "12"))
# Seconds after Stripe's return.
CONVERGED = 60


def sell(seller: Seller) -> tuple[list[Workspace], list[tuple[str, str]]]:
    """Many workspaces buy a plan: they, and (body, signature) of each event, which Stripe has held back."""
    seller.sandbox.hold()
    buyers = [Workspace.objects.create(slug=f"buyer-{number}", name="Buyer") for number in range(BUYERS)]
    for buyer in buyers:
        seller.subscribe("pro", workspace=buyer)
    return buyers, [(body, signature) for _, body, signature in seller.sandbox.pending()]


def test_no_event_of_an_outage_is_lost_and_all_are_done_a_minute_after_it(
    seller: Seller, live_service: LiveService
) -> None:
    stripe = {"STRIPE_API_BASE": seller.sandbox.url, "STRIPE_SECRET_KEY": KEY}
    url = live_service("billing", **stripe) + URL
    buyers, events = sell(seller)
    assert len(events) >= EVENTS
    seller.sandbox.down("500")
    with running_worker(MARKET_DATA_SOURCE="files", **stripe):
        with ThreadPoolExecutor(8) as senders:
            answers = Counter(senders.map(lambda each: send(url, *each), events))
        assert answers == {200: len(events)}
        time.sleep(AWAY)
        # Of one kind nothing has to be asked; everything else waits, and nothing is given up.
        done = StripeEvent.objects.filter(state=State.DONE)
        assert not done.exclude(type="invoice_payment.paid").exists()
        assert states().get(State.WAITING, 0) + done.count() == len(events)
        seller.sandbox.up()
        wait_until_done(len(events))
    assert {terms_of(buyer).plan for buyer in buyers} == {"pro"}
    assert Invoice.objects.count() == BUYERS


def send(url: str, body: str, signature: str) -> int:
    return requests.post(url, body.encode(), headers={"Stripe-Signature": signature}, timeout=30).status_code


def states() -> dict[str, int]:
    """How many events are in each state; what a worker has in hand counts as waiting."""
    found: Counter[str] = Counter()
    for state, number in StripeEvent.objects.values_list("state").annotate(Count("pk")):
        found[State.WAITING if state == State.RUNNING else state] += number
    return dict(found)


def wait_until_done(number: int) -> None:
    """Return when so many events are done; fail when they are not within three times the time."""
    deadline = time.monotonic() + 3 * CONVERGED
    while states() != {State.DONE: number} and time.monotonic() < deadline:
        time.sleep(0.5)
    assert states() == {State.DONE: number}
