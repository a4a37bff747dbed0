"""Going live on a database that test mode was used with: what was paid with play money is worth nothing there."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from accounts.models import Workspace
from billing.census import plans_of
from billing.limits import terms_of
from billing.models import Boost, Case, Subscription
from billing.payments.orders import subscription_of
from billing.payments.subscriptions import apply_subscription
from billing.portal.situation import Stage, situation_of
from tests.billing.conftest import Grant
from tests.billing.sandbox.fixture import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[True, False], ids=["test rows, live key", "live rows, test key"])
def paid(request: pytest.FixtureRequest, settings: Settings, workspace: Workspace, grant_row: Grant) -> Subscription:
    """A plan and packs that were paid in one mode, and then the key is one of the other."""
    row: Subscription | None = grant_row("pro", end=None).subscription
    assert row is not None
    Subscription.objects.update(livemode=not request.param)
    Boost.objects.create(workspace=workspace, add_on_id="alerts-10", subscription=row)
    settings.STRIPE_LIVE_MODE = not request.param
    assert (terms_of(workspace).plan, terms_of(workspace).alerts) == ("pro", 30)
    settings.STRIPE_LIVE_MODE = request.param
    row.refresh_from_db()
    return row


def test_what_was_paid_in_the_other_mode_gives_nothing(paid: Subscription, workspace: Workspace) -> None:
    assert (terms_of(workspace).plan, terms_of(workspace).alerts) == ("free", 3)
    assert (paid.grants(), plans_of()) == (False, {})


def test_it_stands_in_the_way_of_no_purchase(paid: Subscription, workspace: Workspace) -> None:
    assert (paid.is_live, subscription_of(workspace)) == (False, None)
    assert situation_of(workspace).stage is Stage.FREE


def test_that_stripe_does_not_know_it_is_no_case(paid: Subscription, sandbox: Sandbox) -> None:
    assert apply_subscription(paid.pk) == paid
    assert not Case.objects.exists()
