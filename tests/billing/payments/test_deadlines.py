"""How soon a payment is felt: with a real server, a real worker, and the events as Stripe signs them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests

from accounts.models import Workspace
from billing.limits import terms_of
from billing.models import StripeEvent
from tests.billing.payments.seller import FAILS, Seller
from tests.billing.payments.telling import URL, body_of, event, signature
from tests.billing.payments.test_subscriptions import pay_open
from tests.billing.sandbox.fixture import KEY
from tests.live import LiveService
from tests.worker import running_worker

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# Seconds that the product promises, and seconds for a worker to start.
PROMISED, START = 5, 60


@pytest.fixture
def webhook(seller: Seller, live_service: LiveService) -> Iterator[str]:
    """The address of the webhook while a worker is at work; Stripe keeps its events for `tell`."""
    stripe = {"STRIPE_API_BASE": seller.sandbox.url, "STRIPE_SECRET_KEY": KEY}
    url = live_service("billing", **stripe) + URL
    seller.sandbox.hold()
    # Without days of grace a payment that fails is past them at once.
    with running_worker(MARKET_DATA_SOURCE="files", BILLING_GRACE_DAYS="0", **stripe):
        body = body_of(event("climate.order.created", {"id": "climorder_1", "object": "climate.order"}))
        send(url, body, signature(body))
        deadline = time.monotonic() + START
        while not StripeEvent.objects.filter(state="done").exists() and time.monotonic() < deadline:
            time.sleep(0.2)
        yield url


def send(url: str, body: bytes, header: str) -> None:
    assert requests.post(url, body, headers={"Stripe-Signature": header}, timeout=30).status_code == 200


def tell(url: str, seller: Seller) -> None:
    """Send everything that Stripe holds, repeats included."""
    for _, body, header in seller.sandbox.pending():
        send(url, body.encode(), header)


def wait_for(workspace: Workspace, plan: str) -> None:
    """Return when the workspace is on the plan; fail when it is not within three times the promise."""
    deadline = time.monotonic() + 3 * PROMISED
    while terms_of(workspace).plan != plan and time.monotonic() < deadline:
        time.sleep(0.1)
    assert terms_of(workspace).plan == plan


def test_a_plan_follows_what_is_paid_within_seconds_of_the_event(
    webhook: str, seller: Seller, workspace: Workspace
) -> None:
    customer = seller.customer(workspace)
    pk = seller.subscribe("pro", workspace=workspace, customer=customer)
    tell(webhook, seller)
    wait_for(workspace, "pro")
    seller.use(customer, FAILS)
    seller.sandbox.advance(days=32)
    tell(webhook, seller)
    wait_for(workspace, "free")
    assert seller.api.subscriptions.retrieve(pk).status == "past_due"
    pay_open(seller, pk, customer)
    tell(webhook, seller)
    wait_for(workspace, "pro")
    seller.api.subscriptions.cancel(pk)
    tell(webhook, seller)
    wait_for(workspace, "free")
