"""What the tests of billing share."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Workspace
from billing import catalogue
from billing.models import Entitlement, Subscription
from billing.signals import entitlement_changed

Grant = Callable[..., Entitlement]
SubscriptionRow = Callable[..., Subscription]
NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def _fresh_catalogue() -> None:
    """The price list of an earlier test is no news to this one."""
    catalogue.forget()


@pytest.fixture
def subscription_row(workspace: Workspace) -> SubscriptionRow:
    """An active subscription's row, as `apply_subscription` would have written it."""

    def make(plan: str = "pro", **values: object) -> Subscription:
        now = timezone.now()
        row = {"id": f"sub_{next(NUMBERS)}", "workspace": workspace, "customer_id": "cus_olivia", "status": "active"}
        row |= {"plan_id": plan, "interval": "month", "started_at": now - timedelta(days=1)}
        return Subscription.objects.create(**{**row, **values})

    return make


@pytest.fixture
def grant_row(workspace: Workspace, subscription_row: SubscriptionRow) -> Grant:
    """A grant's row from day `start` to day `end`, counted from now; None: it has no end (a paid plan)."""

    def make(plan: str, start: float = -1, end: float | None = 30, **values: object) -> Entitlement:
        now = timezone.now()
        ends_at: datetime | None = now + timedelta(days=end) if end is not None else None
        paid = None if ends_at else subscription_row(plan)
        source = Entitlement.Source.STRIPE if paid else Entitlement.Source.STAFF
        row = {"workspace": workspace, "plan_id": plan, "reason": "test", "source": source, "ends_at": ends_at}
        row["subscription"] = paid
        return Entitlement.objects.create(**{**row, "starts_at": now + timedelta(days=start), **values})

    return make


@pytest.fixture
def news() -> Iterator[list[int | None]]:
    """The workspace ids that entitlement_changed told, in order."""
    heard: list[int | None] = []

    def listen(*, workspace_id: int | None, **_: object) -> None:
        heard.append(workspace_id)

    entitlement_changed.connect(listen)
    yield heard
    entitlement_changed.disconnect(listen)
