"""A whole sale as Stripe tells it: its signed events through the real address, and what a worker makes of them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.test import Client
from djstripe import models
from djstripe.signals import WEBHOOK_SIGNALS

from accounts.models import Workspace
from billing.limits import terms_of
from billing.models import StripeEvent, Subscription
from billing.payments import process
from moondev.lib.queue import State
from tests.billing.payments.seller import Seller
from tests.billing.payments.telling import post

pytestmark = [pytest.mark.django_db, pytest.mark.slow(0.8)]
Send = Callable[..., int]


@pytest.fixture
def send(seller: Seller, client: Client) -> Send:
    """Send every event that the sandbox holds, in an order; returns how many came."""
    seller.sandbox.hold()

    def tell(arrange: Callable[[list[Any]], object] = list) -> int:
        held = seller.sandbox.pending()
        arrange(held)
        answers = [post(client, body.encode(), signature).status_code for _, body, signature in held]
        assert set(answers) == {200}
        return len({told["id"] for told, _, _ in held})

    return tell


def in_disorder(held: list[Any]) -> None:
    """Shuffled, and every other one twice."""
    held += held[::2]
    Random(7).shuffle(held)


def not_done() -> list[tuple[str, str]]:
    return list(StripeEvent.objects.exclude(state=State.DONE).values_list("type", "last_error"))


def test_it_calls_stripe_never_in_the_request_and_several_times_later(
    seller: Seller, send: Send, workspace: Workspace
) -> None:
    seller.subscribe("pro", workspace=workspace)
    before = len(seller.sandbox.calls())
    assert send() > 5
    assert len(seller.sandbox.calls()) == before
    process.work()
    assert len(seller.sandbox.calls()) > before + 5
    assert not_done() == []


def test_it_gives_the_plan_and_copies_the_objects(seller: Seller, send: Send, workspace: Workspace) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    send()
    process.work()
    assert not_done() == []
    assert terms_of(workspace).plan == "pro"
    assert Subscription.objects.get().pk == pk
    copy = models.Subscription.objects.get()
    assert (copy.id, copy.customer.id) == (pk, Subscription.objects.get().customer_id)
    assert models.Invoice.objects.get().stripe_data["status"] == "paid"
    assert models.Charge.objects.get().stripe_data["amount"] == 4900


def test_a_life_of_a_year_leaves_nothing_undone(seller: Seller, send: Send, workspace: Workspace) -> None:
    pk = seller.subscribe("pro", "alerts-10", workspace=workspace)
    seller.sandbox.advance(days=40)
    seller.move(pk, "team")
    seller.sandbox.advance(days=40)
    seller.api.refunds.create({"charge": seller.charge_of(pk), "amount": 100})
    seller.api.subscriptions.cancel(pk)
    send()
    process.work()
    assert not_done() == []
    assert terms_of(workspace).plan == "free"
    assert models.Subscription.objects.get().stripe_data["status"] == "canceled"


def test_events_twice_and_in_any_order_end_the_same(seller: Seller, send: Send, workspace: Workspace) -> None:
    seller.subscribe("team", workspace=workspace)
    number = send(in_disorder)
    assert StripeEvent.objects.count() == number
    while process.work(limit=1):
        pass
    assert not_done() == []
    assert terms_of(workspace).plan == "team"


def test_the_events_of_one_subscription_cost_one_look_at_it(seller: Seller, send: Send, workspace: Workspace) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    for number in range(10):
        seller.api.subscriptions.update(pk, {"metadata": {"turn": str(number)}})
    send()
    before = len(seller.sandbox.calls())
    process.work()
    looks = [path for _, path, _ in seller.sandbox.calls()[before:] if path.endswith(f"/subscriptions/{pk}")]
    # Ours, and those of dj-stripe.
    assert len(looks) <= 3


def test_our_receiver_acts_even_when_a_copy_fails(seller: Seller, send: Send, workspace: Workspace) -> None:
    def listen(**_: object) -> None:
        raise RuntimeError("no copy today")

    # Of events in the same second either may be the newest, and only that one is looked at.
    signals = [WEBHOOK_SIGNALS[f"customer.subscription.{verb}"] for verb in ("created", "updated")]
    for signal in signals:
        signal.connect(listen)
    try:
        seller.subscribe("pro", workspace=workspace)
        send()
        process.work()
    finally:
        for signal in signals:
            signal.disconnect(listen)
    assert terms_of(workspace).plan == "pro"
    failed = StripeEvent.objects.get(type="customer.subscription.created")
    assert (failed.state, failed.last_error) == (State.WAITING, "RuntimeError: no copy today")
