"""The sandbox tells endpoints what happened: signed, until they take it, and as badly as a test wants."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import stripe
from django.conf import settings

from tests.billing.sandbox.fixture import Sandbox, start_sandbox
from tests.billing.sandbox.receiver import Receiver
from tests.live import _wait_or_kill

pytestmark = pytest.mark.slow(0.7)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def endpoint(sandbox: Sandbox, receiver: Receiver, *events: str) -> stripe.WebhookEndpoint:
    return sandbox.api.v1.webhook_endpoints.create(
        params={"url": receiver.url, "enabled_events": list(events) or ["*"]}  # type: ignore[arg-type]
    )


def pending(sandbox: Sandbox, id: str) -> int:
    return sandbox.api.v1.events.retrieve(id).pending_webhooks


def test_it_signs_so_that_stripes_own_check_passes(sandbox: Sandbox, receiver: Receiver) -> None:
    secret = endpoint(sandbox, receiver).secret
    assert secret is not None
    customer = sandbox.api.v1.customers.create()
    receiver.wait_for(1)
    event = receiver.events(secret)[0]
    assert (event.type, event.data.object["id"], event.livemode) == ("customer.created", customer.id, False)
    assert event.api_version == settings.STRIPE_API_VERSION


def test_it_shows_a_secret_once(sandbox: Sandbox, receiver: Receiver) -> None:
    made = endpoint(sandbox, receiver)
    assert "secret" not in sandbox.api.v1.webhook_endpoints.retrieve(made.id)
    assert "whsec_" not in str(sandbox.api.v1.webhook_endpoints.list())


def test_it_sends_what_an_endpoint_asked_for(sandbox: Sandbox, receiver: Receiver) -> None:
    secret = endpoint(sandbox, receiver, "product.created").secret or ""
    sandbox.api.v1.customers.create()
    sandbox.api.v1.products.create(params={"name": "Pro"})
    receiver.wait_for(1)
    assert [event.type for event in receiver.events(secret)] == ["product.created"]


def test_it_sends_nothing_to_a_disabled_endpoint(sandbox: Sandbox, receiver: Receiver) -> None:
    made = endpoint(sandbox, receiver)
    sandbox.api.v1.webhook_endpoints.update(made.id, params={"disabled": True})
    sandbox.api.v1.customers.create()
    sandbox.api.v1.webhook_endpoints.update(made.id, params={"disabled": False})
    sandbox.api.v1.products.create(params={"name": "Pro"})
    receiver.wait_for(1)
    assert [event.type for event in receiver.events(made.secret or "")] == ["product.created"]


@pytest.mark.slow
def test_it_tries_again_until_it_is_taken(sandbox: Sandbox, receiver: Receiver) -> None:
    endpoint(sandbox, receiver)
    receiver.status = 500
    sandbox.api.v1.customers.create()
    receiver.wait_for(2)
    event = sandbox.api.v1.events.list().data[0]
    assert event.pending_webhooks == 1
    receiver.status = 200
    receiver.wait_for(3)
    deadline = time.monotonic() + 5
    while pending(sandbox, event.id) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert pending(sandbox, event.id) == 0


def test_it_holds_events_back_ready_to_be_sent(sandbox: Sandbox) -> None:
    sandbox.hold()
    customer = sandbox.api.v1.customers.create()
    sandbox.api.v1.customers.update(customer.id, params={"name": "Olivia"})
    held = sandbox.pending()
    assert [event["type"] for event, _, _ in held] == ["customer.created", "customer.updated"]
    for event, body, signature in held:
        read = stripe.Webhook.construct_event(body, signature, settings.STRIPE_WEBHOOK_SECRETS[0])
        assert read.id == event["id"]
    assert held[0][0]["data"]["object"]["name"] is None


def test_it_releases_what_it_held(sandbox: Sandbox, receiver: Receiver) -> None:
    secret = endpoint(sandbox, receiver).secret or ""
    sandbox.hold()
    sandbox.api.v1.customers.create()
    assert [event["type"] for event, _, _ in sandbox.release()] == ["customer.created"]
    receiver.wait_for(1)
    assert (receiver.events(secret)[0].type, sandbox.pending()) == ("customer.created", [])


def test_it_sends_twice_on_request(sandbox: Sandbox, receiver: Receiver) -> None:
    secret = endpoint(sandbox, receiver).secret or ""
    sandbox.webhooks(duplicate=True)
    sandbox.api.v1.customers.create()
    receiver.wait_for(2)
    assert len({event.id for event in receiver.events(secret)}) == 1


def test_it_shuffles_on_request(sandbox: Sandbox, receiver: Receiver) -> None:
    secret = endpoint(sandbox, receiver).secret or ""
    sandbox.webhooks(shuffle=True)
    made = [sandbox.api.v1.customers.create().id for _ in range(12)]
    receiver.wait_for(12)
    came = [event.data.object["id"] for event in receiver.events(secret)]
    assert sorted(came) == sorted(made)
    assert came != made


def test_it_delays_on_request(sandbox: Sandbox, receiver: Receiver) -> None:
    endpoint(sandbox, receiver)
    sandbox.webhooks(delay_ms=700)
    begun = time.monotonic()
    sandbox.api.v1.customers.create()
    receiver.wait_for(1)
    assert time.monotonic() - begun >= 0.7


def test_it_tells_the_address_of_the_environment_once(receiver: Receiver, tmp_path: Path) -> None:
    """Also when somebody sets the same address up by the API: the secret is the environment's either way."""
    url, process = start_sandbox(tmp_path, STRIPE_SANDBOX_WEBHOOK_URL=receiver.url)
    auth = ("sk_test_any", "")
    try:
        requests.post(f"{url}/v1/customers", auth=auth, timeout=5)
        receiver.wait_for(1)
        made = requests.post(
            f"{url}/v1/webhook_endpoints",
            auth=auth,
            data={"url": receiver.url, "enabled_events[]": "*"},
            timeout=5,
        ).json()
        requests.post(f"{url}/v1/customers", auth=auth, timeout=5)
        receiver.wait_for(2)
        time.sleep(0.5)
    finally:
        process.terminate()
        _wait_or_kill(process)
    assert made["secret"] == settings.STRIPE_WEBHOOK_SECRETS[0]
    assert [event.type for event in receiver.events(made["secret"])] == ["customer.created"] * 2
