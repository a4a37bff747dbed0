"""What workers do for billing, and that they are told to."""

from __future__ import annotations

import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
import requests
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from billing import tasks
from billing.models import StripeEvent
from billing.signals import work_waiting
from billing.wake import wake
from moondev.celery import app
from moondev.lib.queue import State
from moondev.wake import PAUSE
from tests.billing.payments.telling import URL, Event, body_of, event, signature, tell
from tests.billing.sandbox.fixture import Sandbox
from tests.fakes.proxy import Proxy
from tests.live import LiveService

pytestmark = pytest.mark.django_db
QUEUE = "celery"
# Seconds. Stripe gives up after about ten.
SOON = 8


@pytest.fixture
def queue() -> redis.Redis:
    """The workers' queue, empty: no worker runs here."""
    broker = redis.Redis.from_url(settings.REDIS_URL)
    broker.delete(QUEUE)
    return broker


def settled(state: State, days: float) -> StripeEvent:
    """An event that reached this state so many days ago."""
    then = timezone.now() - timedelta(days=days)
    return StripeEvent.objects.create(
        id=f"evt_{state}{days}".replace(".", "_"), type="test", livemode=False, payload={},
        created_at=then, received_at=then, state=state, finished_at=then,
    )  # fmt: skip


def test_beat_names_tasks_that_exist() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def messages(queue: redis.Redis, *, at_least: int = 1) -> int:
    """How many wake-ups were sent, once there are so many or a while is over."""
    deadline = time.monotonic() + SOON
    while queue.llen(QUEUE) < at_least and time.monotonic() < deadline:
        time.sleep(0.05)
    return int(queue.llen(QUEUE))


def test_an_event_wakes_a_worker(client: Client, queue: redis.Redis, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        tell(client, event())
    assert messages(queue) == 1
    assert "billing.tasks.process_events" in str(queue.lindex(QUEUE, 0))


def test_a_burst_sends_few_messages(queue: redis.Redis) -> None:
    for _ in range(1000):
        work_waiting.send(sender=None, task="billing.tasks.process_events")
    time.sleep(4 * PAUSE)
    assert 1 <= messages(queue) <= 4


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_wakes_nobody(queue: redis.Redis) -> None:
    with transaction.atomic():
        wake("billing.tasks.tend")
        transaction.set_rollback(True)
    time.sleep(4 * PAUSE)
    assert queue.llen(QUEUE) == 0


@pytest.mark.parametrize("away", ["cut", "deaf"])
def test_an_event_is_stored_while_the_queue_is_away(away: str, live_service: LiveService) -> None:
    """What is lost is a wake-up; Stripe must not be kept waiting until it gives up and sends the event again."""
    real = urlsplit(settings.REDIS_URL)
    with tempfile.TemporaryDirectory() as folder, Proxy(Path(folder) / "v.sock", Path(real.path)) as valkey:
        # The tests may run as root and their servers as somebody else.
        Path(folder).chmod(0o755)
        url = live_service("billing", REDIS_URL=f"unix://{valkey.path}?{real.query}")
        post_to(url, event())
        valkey.cut() if away == "cut" else setattr(valkey, "deaf", True)
        started = time.monotonic()
        assert post_to(url, event()) == 200
        assert time.monotonic() - started < SOON
    assert StripeEvent.objects.count() == 2


def post_to(url: str, told: Event) -> int:
    body = body_of(told)
    return requests.post(url + URL, body, headers={"Stripe-Signature": signature(body)}, timeout=60).status_code


def test_events_are_worked_through(client: Client, sandbox: Sandbox) -> None:
    product = sandbox.api.v1.products.create({"name": "Pro"})
    tell(client, event("product.created", {"id": product.id, "object": "product"}))
    tasks.process_events()
    assert StripeEvent.objects.get().state == State.DONE


def test_it_forgets_what_was_done_90_days_ago() -> None:
    settled(State.DONE, 90.1)
    kept = {settled(State.DONE, 89.9), settled(State.PARKED, 400)}
    tasks.prune_events()
    assert set(StripeEvent.objects.all()) == kept


def test_tending_nothing_calls_nobody(sandbox: Sandbox) -> None:
    tasks.tend()
    assert sandbox.calls() == []
