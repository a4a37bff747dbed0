"""The known traps of dj-stripe and of Stripe's library are shut."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from django.apps import apps
from django.db import connection
from django.test import Client
from djstripe.models import APIKey, PaymentIntent, Product, WebhookEndpoint, WebhookEventTrigger
from djstripe.settings import djstripe_settings

from billing.models import StripeEvent
from billing.payments import process
from billing.payments.libraries import KeyInTable
from billing.payments.stripe_api import ANSWER_SECONDS, CONNECT_SECONDS
from tests.billing.payments.telling import body_of, event, post, recorded, signature, tell
from tests.billing.sandbox.fixture import KEY, Sandbox

pytestmark = pytest.mark.django_db
SECRETS = (KEY, "whsec_", "_secret_")


def words_in_their_tables() -> list[str]:
    """Every row of every table of dj-stripe and of ours about payment, as text."""
    tables = [model._meta.db_table for model in apps.get_models() if model._meta.app_label in ("djstripe", "billing")]
    with connection.cursor() as cursor:
        found: list[str] = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608
            found += [row[0] for row in cursor.fetchall()]
    return found


def test_no_secret_gets_into_a_table(client: Client, sandbox: Sandbox) -> None:
    product = sandbox.api.v1.products.create({"name": "Pro"})
    customer = sandbox.api.v1.customers.create({"email": "olivia@example.com"})
    for about in (product, customer):
        tell(client, event(f"{about.object}.created", {"id": about.id, "object": about.object}))
    process.work()
    PaymentIntent.sync_from_stripe_data(recorded("payment_intent_succeeded")["data"]["object"] | {"customer": None})
    tell(client, recorded("payment_intent_succeeded"))
    words = words_in_their_tables()
    assert any(product.id in line for line in words)
    assert [line for line in words if any(secret in line for secret in SECRETS)] == []
    assert not APIKey.objects.exists()


def test_a_key_cannot_be_stored_by_hand_either() -> None:
    with pytest.raises(KeyInTable):
        APIKey.objects.create(secret="sk_test_" + "x" * 24, type="secret", livemode=False)
    assert not APIKey.objects.exists()


def test_the_secret_of_an_endpoint_is_not_kept(sandbox: Sandbox) -> None:
    made = sandbox.api.v1.webhook_endpoints.create(
        {"url": "https://api.example.com/billing/webhook", "enabled_events": ["*"]}
    )
    assert made.secret
    row = WebhookEndpoint.sync_from_stripe_data(made)
    row.refresh_from_db()
    assert row.secret == ""
    assert made.secret not in str(row.stripe_data)


def test_it_asks_for_no_account_to_store_an_object(client: Client, sandbox: Sandbox) -> None:
    """dj-stripe would ask for the account behind the key before it stores anything, and keep the key to know it by."""
    product = sandbox.api.v1.products.create({"name": "Pro"})
    Product.sync_from_stripe_data(product)
    assert [path for _, path, _ in sandbox.calls() if "account" in path] == []


def test_a_body_that_is_not_verified_is_nowhere(client: Client) -> None:
    """dj-stripe's own view stores every body before it looks at the signature."""
    body = body_of(event(about={"id": "prod_forged", "object": "product"}))
    post(client, body, signature(body, secret="whsec_other"))
    assert not WebhookEventTrigger.objects.exists()
    assert not StripeEvent.objects.exists()
    assert [line for line in words_in_their_tables() if "prod_forged" in line] == []


def test_its_calls_wait_no_longer_than_ours() -> None:
    client: Any = stripe.default_http_client
    assert client._timeout == (CONNECT_SECONDS, ANSWER_SECONDS)
    assert stripe.max_network_retries == 0


def test_both_speak_the_version_that_our_code_reads() -> None:
    """The library's own is newer, and amounts and ends of periods move from one to the next."""
    assert djstripe_settings.STRIPE_API_VERSION == "2026-05-27.dahlia" != stripe.api_version
