"""What Stripe says is verified, stored once and answered; a worker does the rest."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, get_resolver, resolve
from djstripe.models import WebhookEventTrigger
from prometheus_client import REGISTRY
from pytest_django.fixtures import Settings

from billing.models import Case, StripeEvent
from billing.payments.intake import LARGEST_BODY
from billing.signals import work_waiting
from moondev.lib.queue import State
from tests.billing.payments.telling import (
    RECORDED,
    URL,
    body_of,
    event,
    post,
    recorded,
    signature,
    tell,
)
from tests.live import LiveService

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


@pytest.fixture
def woken() -> Iterator[list[str]]:
    """The tasks for which a worker was woken up."""
    heard: list[str] = []

    def listen(*, task: str, **_: object) -> None:
        heard.append(task)

    work_waiting.connect(listen)
    yield heard
    work_waiting.disconnect(listen)


def refused(reason: str) -> float:
    return REGISTRY.get_sample_value("moondev_stripe_events_refused_total", {"reason": reason}) or 0


@pytest.mark.parametrize("name", RECORDED)
def test_it_stores_what_stripe_sends(name: str, client: Client) -> None:
    told = recorded(name)
    answer = tell(client, told)
    assert answer.status_code == 200
    assert answer.json() == {"received": True, "type": told["type"]}
    row = StripeEvent.objects.get()
    assert (row.pk, row.type, row.customer_id) == (told["id"], told["type"], "cus_Recorded")
    assert (row.state, row.attempts, row.livemode) == (State.WAITING, 0, False)
    assert row.created_at.timestamp() == told["created"]
    assert row.object_id == told["data"]["object"].get("id", "")


def test_it_keeps_the_event_as_it_came(client: Client) -> None:
    told = recorded("invoice_paid")
    tell(client, told)
    assert StripeEvent.objects.get().payload == told


def test_it_keeps_no_secret_of_a_payment(client: Client) -> None:
    tell(client, recorded("payment_intent_succeeded"))
    assert "_secret_" not in json.dumps(StripeEvent.objects.get().payload)


def test_it_stores_a_repeat_once(client: Client, woken: list[str], django_capture_on_commit_callbacks: Any) -> None:
    told = event()
    with django_capture_on_commit_callbacks(execute=True):
        answers = [tell(client, told) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert StripeEvent.objects.count() == 1
    assert woken == ["billing.tasks.process_events"]


def test_a_repeat_of_what_is_done_changes_nothing(client: Client) -> None:
    told = event()
    tell(client, told)
    StripeEvent.objects.claim(1)[0].finish()
    assert tell(client, told).status_code == 200
    assert StripeEvent.objects.get().state == State.DONE


@pytest.mark.django_db(transaction=True)
def test_it_stores_an_event_that_comes_many_times_at_once_once(client: Client) -> None:
    body, gate = body_of(event()), threading.Barrier(6)

    def send(_: int) -> int:
        gate.wait(10)
        try:
            return int(post(Client(), body).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as callers:
        assert list(callers.map(send, range(6))) == [200] * 6
    assert StripeEvent.objects.count() == 1


def test_it_calls_nobody_in_the_request(client: Client, sandbox: Any) -> None:
    """A first event of a subscription would make dj-stripe call Stripe several times; that is a worker's."""
    tell(client, recorded("customer_subscription_created"))
    assert sandbox.calls() == []


def test_it_asks_the_database_for_one_insert(client: Client) -> None:
    tell(client, event())
    with CaptureQueriesContext(connection) as queries:
        tell(client, event())
    words = [query["sql"].split()[0] for query in queries]
    assert [word for word in words if word not in ("SAVEPOINT", "RELEASE")] == ["INSERT"]


FORGED: dict[str, Callable[[bytes], str]] = {
    "no signature": lambda body: "",
    "another secret": lambda body: signature(body, secret="whsec_other"),
    "another body": lambda body: signature(body + b" "),
    "too old": lambda body: signature(body, age=301),
    "no time": lambda body: signature(body).partition(",")[2],
    "no scheme": lambda body: signature(body).partition(",")[0],
    "the test scheme": lambda body: signature(body).replace("v1=", "v0="),
    "a later time": lambda body: "t=9999999999," + signature(body).partition(",")[2],
    "nonsense": lambda body: "t=x,v1=é",
}


@pytest.mark.parametrize("case", FORGED)
def test_it_stores_nothing_of_an_unverified_body(case: str, client: Client) -> None:
    body, before = body_of(event()), refused("signature")
    answer = post(client, body, FORGED[case](body))
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert answer.json()["type"] == "/docs/errors#bad-request"
    assert not StripeEvent.objects.exists()
    assert not WebhookEventTrigger.objects.exists()
    assert refused("signature") == before + 1


def test_it_refuses_bytes_that_are_no_text(client: Client) -> None:
    assert post(client, b"\xff\xfe{}", signature(b"{}")).status_code == 400


def test_it_accepts_a_signature_until_it_is_five_minutes_old(client: Client) -> None:
    body = body_of(event())
    assert post(client, body, signature(body, age=295)).status_code == 200


def test_it_accepts_both_secrets_while_one_is_rolled(client: Client, settings: Settings) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", "whsec_old"]
    for secret in settings.STRIPE_WEBHOOK_SECRETS:
        body = body_of(event())
        assert post(client, body, signature(body, secret=secret)).status_code == 200
    body = body_of(event())
    both = signature(body, secret="whsec_gone") + "," + signature(body, secret="whsec_old").partition(",")[2]
    assert post(client, body, both).status_code == 200
    assert post(client, body, signature(body, secret="whsec_gone")).status_code == 400


MALFORMED: dict[str, Any] = {
    "no object": [1],
    "no JSON object": "text",
    "nothing": {},
    "a thin event": event() | {"object": "v2.core.event"},
    "no id": event() | {"id": None},
    "a foreign id": event() | {"id": "evt_1'; --"},
    "a long id": event() | {"id": "evt_" + "x" * 100},
    "a foreign type": event() | {"type": "<script>"},
    "no time": event() | {"created": "yesterday"},
    "an impossible time": event() | {"created": 10**18},
    "no data": event() | {"data": None},
    "no object in it": event() | {"data": {"object": "prod_1"}},
}


@pytest.mark.parametrize("case", MALFORMED)
def test_it_refuses_a_signed_body_that_is_no_event(case: str, client: Client) -> None:
    answer = tell(client, MALFORMED[case])
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert not StripeEvent.objects.exists()


def test_it_refuses_a_signed_body_that_is_no_json(client: Client) -> None:
    assert post(client, b"{").status_code == 400


def test_it_stores_what_postgresql_has_no_room_for_without_it(client: Client) -> None:
    body = body_of(event(about={"id": "prod_1", "object": "product", "name": "NAME"}))
    for _ in range(2):
        assert post(client, body.replace(b"NAME", rb"a\u0000b\ud800c")).status_code == 200
    assert StripeEvent.objects.get().payload["data"]["object"]["name"] == "ab?c"


@pytest.mark.parametrize("livemode", [True, False])
def test_it_refuses_an_event_of_the_other_mode_and_tells_staff(
    livemode: bool, client: Client, settings: Settings
) -> None:
    settings.STRIPE_LIVE_MODE = not livemode
    before = refused("mode")
    answers = [tell(client, event(livemode=livemode)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert not StripeEvent.objects.exists()
    assert refused("mode") == before + 2
    case = Case.objects.get()
    assert (case.kind, case.reference) == (Case.Kind.WRONG_MODE, "live" if livemode else "test")


def test_it_tells_staff_nothing_of_a_forged_event_of_the_other_mode(client: Client) -> None:
    body = body_of(event(livemode=True))
    post(client, body, signature(body, secret="whsec_other"))
    assert not Case.objects.exists()


def test_it_takes_a_body_of_256_kb_and_none_that_is_larger(client: Client) -> None:
    before = refused("size")
    body = body_of(event())
    largest = body + b" " * (LARGEST_BODY - len(body))
    assert post(client, largest).status_code == 200
    answer = post(client, largest + b" ")
    assert (answer.status_code, answer["Content-Type"]) == (413, PROBLEM)
    assert StripeEvent.objects.count() == 1
    assert refused("size") == before + 1


@pytest.mark.parametrize("length", ["abc", "-1", "1.5", "²"])
def test_it_refuses_a_length_that_is_none(length: str, client: Client) -> None:
    before = refused("form")
    answer = client.generic("POST", URL, b"{}", CONTENT_LENGTH=length)
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert refused("form") == before + 1


def test_it_takes_a_length_of_thousands_of_digits_for_too_large(client: Client) -> None:
    answer = client.generic("POST", URL, b"{}", CONTENT_LENGTH="9" * 5000)
    assert (answer.status_code, answer["Content-Type"]) == (413, PROBLEM)


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_it_answers_post_only(method: str, client: Client) -> None:
    answer = getattr(client, method)(URL)
    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")


def test_it_takes_a_burst_from_one_address(client: Client, settings: Settings) -> None:
    settings.ANONYMOUS_REQUESTS_PER_MINUTE = 3
    answers = [tell(client, event()) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}


def test_it_has_no_address_of_djstripes_own() -> None:
    assert "djstripe" not in (get_resolver().namespace_dict or {})
    for path in ("/djstripe/webhook/", "/stripe/webhook/", "/webhook/0b1d6e3a-9f0f-4e1c-8f0a-2f4f0c0f6a11/"):
        with pytest.raises(Resolver404):
            resolve(path)


def test_a_real_server_answers_stripe(live_service: LiveService) -> None:
    url = live_service("billing") + URL
    body = body_of(recorded("invoice_paid"))
    answer = requests.post(url, body, headers={"Stripe-Signature": signature(body)}, timeout=30)
    assert (answer.status_code, answer.json()) == (200, {"received": True, "type": "invoice.paid"})
    forged = requests.post(url, body, headers={"Stripe-Signature": signature(body, secret="whsec_x")}, timeout=30)
    assert forged.status_code == 400
    assert StripeEvent.objects.count() == 1


def test_a_real_server_reads_no_endless_body(live_service: LiveService) -> None:
    """Sent in chunks, a body tells no length before it has ended."""
    pieces = (b"x" * 65536 for _ in range(32))
    answer = requests.post(live_service("billing") + URL, pieces, timeout=30)
    assert answer.status_code in (400, 413)
    assert not StripeEvent.objects.exists()
