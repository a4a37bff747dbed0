"""What a worker makes of Stripe's events, against the sandbox: no event is lost, none is done for another's fault."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import stripe
from django.db import connection
from django.test import Client
from django.utils import timezone
from djstripe.models import Coupon, Event, Product
from djstripe.signals import WEBHOOK_SIGNALS
from pytest_django.fixtures import Settings

from billing.models import StripeEvent
from billing.payments import outage, process
from moondev.lib.queue import State
from tests.billing.payments.telling import event, tell
from tests.billing.sandbox.fixture import Sandbox
from tests.fakes.broken_stripe import broken_for

pytestmark = [pytest.mark.django_db, pytest.mark.slow(0.3)]
AWAY = ["500", "429", "reset"]


def make(sandbox: Sandbox, name: str = "Pro") -> stripe.Product:
    return sandbox.api.v1.products.create({"name": name})


def told(client: Client, product: stripe.Product, kind: str = "product.updated") -> StripeEvent:
    """The row of an event about a product, sent as Stripe does."""
    body = event(kind, {"id": product.id, "object": "product"})
    assert tell(client, body).status_code == 200
    return StripeEvent.objects.get(pk=body["id"])


def now_due() -> None:
    """As if every wait were over."""
    StripeEvent.objects.filter(state=State.WAITING).update(due_at=timezone.now())


def retrievals(sandbox: Sandbox, object_id: str) -> int:
    return sum(path.endswith(object_id) for method, path, _ in sandbox.calls() if method == "GET")


@pytest.fixture
def broken_product() -> Iterator[list[str]]:
    """A listener of dj-stripe's that breaks; returns the events that it broke on."""
    heard: list[str] = []

    def listen(*, event: Any, **_: object) -> None:
        heard.append(event.id)
        raise RuntimeError("sk_live_51Hxyz did not fit")

    WEBHOOK_SIGNALS["product.updated"].connect(listen)
    yield heard
    WEBHOOK_SIGNALS["product.updated"].disconnect(listen)


class TestWhatItDoes:
    def test_it_copies_what_an_event_is_about(self, client: Client, sandbox: Sandbox) -> None:
        product = make(sandbox)
        row = told(client, product, "product.created")
        assert process.work() == 1
        assert Product.objects.get(id=product.id).stripe_data["name"] == "Pro"
        row.refresh_from_db()
        assert (row.state, row.last_error) == (State.DONE, "")
        assert process.work() == 0

    def test_it_copies_what_stripe_has_now_and_not_what_the_event_says(self, client: Client, sandbox: Sandbox) -> None:
        product = make(sandbox, "Old")
        told(client, product, "product.created")
        sandbox.api.v1.products.update(product.id, {"name": "New"})
        process.work()
        assert Product.objects.get(id=product.id).stripe_data["name"] == "New"

    def test_it_forgets_what_was_deleted(self, client: Client, sandbox: Sandbox) -> None:
        product = make(sandbox)
        told(client, product, "product.created")
        process.work()
        sandbox.api.v1.products.delete(product.id)
        told(client, product, "product.deleted")
        process.work()
        assert not Product.objects.filter(id=product.id).exists()

    def test_it_forgets_what_was_changed_and_deleted_in_one_second(self, client: Client, sandbox: Sandbox) -> None:
        product = make(sandbox)
        told(client, product, "product.created")
        process.work()
        sandbox.api.v1.products.delete(product.id)
        for kind in ("product.deleted", "product.updated"):
            told(client, product, kind)
        StripeEvent.objects.update(created_at=timezone.now())
        process.work()
        assert not Product.objects.filter(id=product.id).exists()

    def test_it_is_done_with_what_is_gone_before_it_comes_to_it(self, client: Client, sandbox: Sandbox) -> None:
        row = told(client, stripe.Product(id="prod_gone"), "product.created")
        process.work()
        row.refresh_from_db()
        assert row.state == State.DONE

    def test_it_is_done_with_an_event_of_no_interest(self, client: Client, sandbox: Sandbox) -> None:
        tell(client, event("climate.order.created", {"id": "climorder_1", "object": "climate.order"}))
        assert process.work() == 1
        assert StripeEvent.objects.get().state == State.DONE
        assert sandbox.calls() == []

    def test_a_replay_is_done_again(self, client: Client, sandbox: Sandbox) -> None:
        product = make(sandbox, "Old")
        row = told(client, product)
        process.work()
        sandbox.api.v1.products.update(product.id, {"name": "New"})
        row.refresh_from_db()
        assert row.requeue()
        assert process.work() == 1
        assert Product.objects.get(id=product.id).stripe_data["name"] == "New"
        assert not Event.objects.exists()

    def test_many_events_about_one_thing_cost_one_look_at_it(self, client: Client, sandbox: Sandbox) -> None:
        product = make(sandbox)
        for _ in range(20):
            told(client, product)
        before = retrievals(sandbox, product.id)
        assert process.work() == 20
        assert retrievals(sandbox, product.id) == before + 1
        assert not StripeEvent.objects.exclude(state=State.DONE).exists()

    def test_it_stops_at_about_its_limit(self, client: Client, sandbox: Sandbox) -> None:
        for _ in range(process.BATCH + 5):
            tell(client, event("climate.order.created", {"id": "climorder_1", "object": "climate.order"}))
        assert process.work(limit=1) == process.BATCH
        assert process.work() == 5

    @pytest.mark.django_db(transaction=True)
    def test_workers_beside_one_another_do_each_event_once(self, client: Client, sandbox: Sandbox) -> None:
        products = [make(sandbox, f"Product {number}") for number in range(8)]
        for _ in range(20):
            for product in products:
                told(client, product)

        def work(_: int) -> int:
            try:
                return process.work()
            finally:
                connection.close()

        with ThreadPoolExecutor(3) as workers:
            assert sum(workers.map(work, range(3))) == 160
        assert set(StripeEvent.objects.values_list("state", "attempts")) == {(State.DONE, 1)}
        assert Product.objects.count() == 8


class TestWhenAnEventFails:
    def test_it_is_tried_five_times_and_then_waits_for_a_person(
        self, client: Client, sandbox: Sandbox, broken_product: list[str]
    ) -> None:
        row = told(client, make(sandbox))
        for tries, wait in enumerate(process.WAITS, 1):
            now_due()
            process.work()
            row.refresh_from_db()
            assert (row.state, row.attempts) == (State.WAITING, tries)
            assert row.due_at >= timezone.now() + wait * 0.9
        now_due()
        process.work()
        row.refresh_from_db()
        assert row.state == State.PARKED
        assert broken_product == [row.pk] * 5

    def test_it_says_why_and_no_secret(self, client: Client, sandbox: Sandbox, broken_product: list[str]) -> None:
        row = told(client, make(sandbox))
        process.work()
        row.refresh_from_db()
        assert row.last_error == "RuntimeError: sk_live_[removed] did not fit"

    def test_it_keeps_no_half_of_a_copy(self, client: Client, sandbox: Sandbox, broken_product: list[str]) -> None:
        told(client, make(sandbox))
        process.work()
        assert not Product.objects.exists()

    def test_others_go_on(self, client: Client, sandbox: Sandbox, broken_product: list[str]) -> None:
        bad, good = told(client, make(sandbox)), told(client, make(sandbox), "product.created")
        process.work()
        bad.refresh_from_db()
        good.refresh_from_db()
        assert (bad.state, good.state) == (State.WAITING, State.DONE)

    def test_one_object_that_stripe_cannot_tell_does_not_stop_the_others(
        self, client: Client, sandbox: Sandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bad, good = make(sandbox), make(sandbox)
        rows = [told(client, bad), told(client, good)]
        with broken_for(bad.id, behind=sandbox.url) as url:
            settings.STRIPE_API_BASE = url
            monkeypatch.setattr(stripe, "api_base", url)
            process.work()
        for row in rows:
            row.refresh_from_db()
        assert [(row.state, row.attempts) for row in rows] == [(State.WAITING, 1), (State.DONE, 1)]
        assert rows[0].last_error.startswith("APIError")

    def test_what_a_worker_left_when_it_ended_is_done_by_the_next(self, client: Client, sandbox: Sandbox) -> None:
        row = told(client, make(sandbox))
        StripeEvent.objects.claim(1, lease=timedelta(seconds=-1))
        process.work()
        row.refresh_from_db()
        assert (row.state, row.attempts) == (State.DONE, 2)

    def test_an_event_that_ends_its_worker_each_time_is_put_aside(self, client: Client, sandbox: Sandbox) -> None:
        row = told(client, make(sandbox))
        StripeEvent.objects.update(attempts=process.MOST_CLAIMS)
        process.work()
        row.refresh_from_db()
        assert row.state == State.PARKED


class TestWhenStripeIsAway:
    @pytest.mark.parametrize("mode", AWAY)
    def test_everything_waits_untried_and_is_done_at_its_return(
        self, mode: str, client: Client, sandbox: Sandbox
    ) -> None:
        rows = [told(client, make(sandbox)) for _ in range(3)]
        sandbox.down(mode)
        assert process.work() == 0
        assert set(StripeEvent.objects.values_list("state", "attempts")) == {(State.WAITING, 0)}
        sandbox.up()
        now_due()
        assert process.work() == len(rows)
        assert set(StripeEvent.objects.values_list("state", "last_error")) == {(State.DONE, "")}

    def test_a_key_that_stripe_refuses_is_no_events_fault(
        self, client: Client, sandbox: Sandbox, settings: Settings
    ) -> None:
        told(client, make(sandbox))
        settings.STRIPE_SECRET_KEY = "rolled"
        process.work()
        row = StripeEvent.objects.get()
        assert (row.state, row.attempts, row.last_error) == (State.WAITING, 0, outage.MARK)

    def test_one_event_at_a_time_looks_whether_it_is_back(self, client: Client, sandbox: Sandbox) -> None:
        for _ in range(3):
            told(client, make(sandbox))
        sandbox.down("500")
        process.work()
        before = len(sandbox.calls())
        for _ in range(5):
            assert process.work() == 0
        assert len(sandbox.calls()) == before
        assert StripeEvent.objects.filter(last_error=outage.MARK).count() == 1

    def test_it_looks_again_every_few_seconds(self, client: Client, sandbox: Sandbox) -> None:
        row = told(client, make(sandbox))
        sandbox.down("500")
        process.work()
        row.refresh_from_db()
        assert row.due_at <= timezone.now() + outage.PROBE_EVERY

    def test_who_looks_is_not_joined_by_another(self, client: Client, sandbox: Sandbox) -> None:
        for _ in range(3):
            told(client, make(sandbox))
        sandbox.down("500")
        process.work()
        now_due()
        assert len(outage.claim(10)) == 1
        assert outage.claim(10) == []

    def test_new_events_wait_behind_it(self, client: Client, sandbox: Sandbox) -> None:
        told(client, make(sandbox))
        sandbox.down("500")
        process.work()
        told(client, make_while_away(sandbox))
        assert process.work() == 0

    def test_an_outage_of_any_length_parks_nothing(self, client: Client, sandbox: Sandbox) -> None:
        row = told(client, make(sandbox))
        sandbox.down("500")
        for _ in range(3 * process.MOST_CLAIMS):
            now_due()
            process.work()
        sandbox.up()
        now_due()
        process.work()
        row.refresh_from_db()
        assert (row.state, row.attempts) == (State.DONE, 1)


def make_while_away(sandbox: Sandbox) -> stripe.Product:
    sandbox.up()
    product = make(sandbox)
    sandbox.down("500")
    return product


def test_it_copies_a_coupon_without_asking_for_its_owner(client: Client, sandbox: Sandbox) -> None:
    coupon = sandbox.api.v1.coupons.create({"percent_off": 10, "duration": "once"})
    tell(client, event("coupon.created", {"id": coupon.id, "object": "coupon"}))
    process.work()
    assert Coupon.objects.get(id=coupon.id).djstripe_owner_account is None
    assert [path for _, path, _ in sandbox.calls() if "account" in path] == []
