"""Stripe is away while it has much to tell: with a real server, a real worker and its beat."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.db.models import Count
from djstripe.models import Customer, Product

from billing.models import StripeEvent
from moondev.lib.queue import State
from tests.billing.payments.telling import URL, body_of, event, signature
from tests.billing.sandbox.fixture import KEY, Sandbox
from tests.live import LiveService
from tests.worker import running_worker

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
EVENTS = 1000
# Seconds after Stripe's return.
CONVERGED = 60
KINDS = ("created", "updated", "updated", "updated")


def things(sandbox: Sandbox) -> list[tuple[str, str]]:
    """(kind, id) of what the events are about."""
    products = [("product", sandbox.api.v1.products.create({"name": f"P{n}"}).id) for n in range(125)]
    return products + [("customer", sandbox.api.v1.customers.create({"name": f"C{n}"}).id) for n in range(125)]


def send(url: str, kind: str, about: str, verb: str) -> int:
    body = body_of(event(f"{kind}.{verb}", {"id": about, "object": kind}))
    return requests.post(url, body, headers={"Stripe-Signature": signature(body)}, timeout=30).status_code


def test_no_event_of_an_outage_is_lost_and_all_are_done_a_minute_after_it(
    sandbox: Sandbox, live_service: LiveService
) -> None:
    url = live_service("billing", STRIPE_API_BASE=sandbox.url, STRIPE_SECRET_KEY=KEY) + URL
    told = [(kind, about, verb) for kind, about in things(sandbox) for verb in KINDS]
    sandbox.down("500")
    with running_worker(STRIPE_API_BASE=sandbox.url, STRIPE_SECRET_KEY=KEY):
        with ThreadPoolExecutor(8) as senders:
            answers = Counter(senders.map(lambda each: send(url, *each), told))
        assert answers == {200: EVENTS}
        # Several looks at a Stripe that is still away.
        time.sleep(12)
        assert states() == {State.WAITING: EVENTS}
        sandbox.up()
        seconds = until_done()
    assert seconds < CONVERGED
    assert Product.objects.count() + Customer.objects.count() == EVENTS / len(KINDS)


def states() -> dict[str, int]:
    """How many events are in each state; what a worker has in hand counts as waiting."""
    found: Counter[str] = Counter()
    for state, number in StripeEvent.objects.values_list("state").annotate(Count("pk")):
        found[State.WAITING if state == State.RUNNING else state] += number
    return dict(found)


def until_done() -> float:
    """Seconds until every event is done."""
    started = time.monotonic()
    while states() != {State.DONE: EVENTS} and time.monotonic() - started < 3 * CONVERGED:
        time.sleep(0.5)
    assert states() == {State.DONE: EVENTS}
    return time.monotonic() - started
