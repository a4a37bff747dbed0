"""A key follows what its workspace pays for: at once when it changes, and by itself at an end that is known."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Workspace
from billing.models import AddOn, Boost, Subscription
from billing.payments import grants
from gateway.keys import records
from gateway.keys.changes import Listener
from tests.gateway.keys.conftest import MakeKey
from tests.gateway.keys.waiting import wait_until

pytestmark = pytest.mark.django_db


def in_seconds(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


@pytest.fixture
def paid(workspace: Workspace) -> Subscription:
    row = {"id": "sub_1", "workspace": workspace, "customer_id": "cus_1", "started_at": timezone.now()}
    return Subscription.objects.create(**row, status="active", plan_id="pro")


def terms_by(secret: str) -> Any:
    record = records.find(secret)
    assert record is not None
    return record.terms


def test_a_plan_and_its_packs_come_and_go_at_once(
    make_key: MakeKey, paid: Subscription, listening: Listener, django_capture_on_commit_callbacks: Any
) -> None:
    pack = AddOn.objects.create(name="ten", title="Ten", raises="alerts", amount=10, price_cents=1)
    secret = make_key()[1]
    assert terms_by(secret).plan == "free"
    with django_capture_on_commit_callbacks(execute=True):
        grants.entitle(paid, {pack.name: 1})
    assert (terms_by(secret).plan, terms_by(secret).alerts) == ("pro", 30)
    paid.status = "canceled"
    with django_capture_on_commit_callbacks(execute=True):
        grants.entitle(paid, {})
    assert (terms_by(secret).plan, terms_by(secret).alerts) == ("free", 3)


def test_the_end_of_the_grace_needs_no_news(make_key: MakeKey, paid: Subscription, listening: Listener) -> None:
    secret = make_key()[1]
    paid.status, paid.grace_ends_at = "past_due", in_seconds(0.6)
    grants.entitle(paid, {})
    records.forget_all()
    assert (terms_by(secret).plan, terms_by(secret).requests_per_minute) == ("pro", 600)
    wait_until(lambda: terms_by(secret).plan == "free", seconds=1.2)
    assert timezone.now() >= paid.grace_ends_at


def test_neither_does_the_end_of_a_pack(make_key: MakeKey, workspace: Workspace, listening: Listener) -> None:
    pack = AddOn.objects.create(name="ten", title="Ten", raises="alerts", amount=10, price_cents=1)
    ends_at = in_seconds(0.6)
    Boost.objects.create(workspace=workspace, add_on=pack, payment_id="pi_1", ends_at=ends_at)
    secret = make_key()[1]
    record = records.find(secret)
    assert record is not None
    assert (record.terms.alerts, record.stale_at) == (13, ends_at)
    wait_until(lambda: terms_by(secret).alerts == 3, seconds=1.2)
