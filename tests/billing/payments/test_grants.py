"""What a subscription's row gives its workspace and takes away: plan, seats, packs, grace, suspension."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, User, Workspace
from billing.limits import standing_of, terms_of
from billing.models import AddOn, Boost, Entitlement, Subscription
from billing.payments import grants
from billing.payments.grace import end_graces, mark_late
from billing.payments.suspension import lift_suspension, suspend
from moondev.lib.errors import Conflict, Forbidden, Invalid

pytestmark = pytest.mark.django_db
STATUSES = Subscription.Status


@pytest.fixture(autouse=True)
def _packs(db: None) -> None:
    AddOn.objects.get_or_create(
        name="alerts-10", defaults={"title": "x", "raises": "alerts", "amount": 10, "price_cents": 1}
    )
    AddOn.objects.filter(name="alerts-10").update(raises="alerts", amount=10)


def rows() -> list[tuple[str, int, bool]]:
    """Plan, quantity and whether the row runs, oldest first."""
    return [(row.plan_id, row.quantity, not row.is_over()) for row in Entitlement.objects.order_by("pk")]


@pytest.mark.parametrize("status", [STATUSES.ACTIVE, STATUSES.TRIALING])
def test_who_pays_or_tries_has_the_plan(status: str, workspace: Workspace, subscription_row: Any) -> None:
    grants.entitle(subscription_row("team", status=status), {})
    assert terms_of(workspace).plan == "team"


@pytest.mark.parametrize(
    "status", [STATUSES.INCOMPLETE, STATUSES.INCOMPLETE_EXPIRED, STATUSES.UNPAID, STATUSES.CANCELED, STATUSES.PAUSED]
)
def test_every_other_status_takes_it(status: str, workspace: Workspace, subscription_row: Any) -> None:
    row = subscription_row("team")
    grants.entitle(row, {"alerts-10": 1})
    row.status = status
    grants.entitle(row, {"alerts-10": 1})
    assert terms_of(workspace).plan == "free"
    assert terms_of(workspace).alerts == 3


def test_repeating_changes_nothing(workspace: Workspace, subscription_row: Any) -> None:
    row = subscription_row("pro")
    for _ in range(3):
        grants.entitle(row, {"alerts-10": 2})
    assert rows() == [("pro", 1, True)]
    assert [(boost.add_on_id, boost.quantity) for boost in Boost.objects.all()] == [("alerts-10", 2)]
    assert AuditEntry.objects.filter(action__in=["entitlement.granted", "pack.granted"]).count() == 2


def test_another_plan_ends_the_row_and_begins_one(workspace: Workspace, subscription_row: Any) -> None:
    row = subscription_row("pro")
    grants.entitle(row, {})
    row.plan_id = "team"
    grants.entitle(row, {})
    assert rows() == [("pro", 1, False), ("team", 1, True)]
    row.quantity = 2
    grants.entitle(row, {})
    assert rows()[1:] == [("team", 1, False), ("team", 2, True)]
    assert terms_of(workspace).seats == 20


def test_packs_follow_the_items(workspace: Workspace, subscription_row: Any) -> None:
    row = subscription_row("pro")
    for quantity, alerts in ((1, 30), (3, 50), (0, 20)):
        grants.entitle(row, {"alerts-10": quantity} if quantity else {})
        assert terms_of(workspace).alerts == alerts
    assert Boost.objects.filter(revoked_at=None).count() == 0


def test_nobody_gets_what_nobody_has_claimed(subscription_row: Any) -> None:
    row = subscription_row("pro", workspace=None)
    grants.entitle(row, {"alerts-10": 1})
    assert (Entitlement.objects.count(), Boost.objects.count()) == (0, 0)


def test_it_moves_with_the_subscription(
    workspace: Workspace, strangers_workspace: Workspace, subscription_row: Any
) -> None:
    row = subscription_row("pro")
    grants.entitle(row, {"alerts-10": 1})
    row.workspace = strangers_workspace
    grants.entitle(row, {"alerts-10": 1})
    assert (terms_of(workspace).alerts, terms_of(strangers_workspace).alerts) == (3, 30)


def test_an_unknown_price_leaves_what_there_is(workspace: Workspace, subscription_row: Any) -> None:
    row = subscription_row("pro")
    grants.entitle(row, {})
    row.plan_id = None
    grants.entitle(row, {}, is_known=False)
    assert terms_of(workspace).plan == "pro"
    row.status = STATUSES.CANCELED
    grants.entitle(row, {}, is_known=False)
    assert terms_of(workspace).plan == "free"


def test_a_late_payment_keeps_the_plan_until_the_grace_ends(
    workspace: Workspace, subscription_row: Any, settings: Any
) -> None:
    settings.BILLING_GRACE_DAYS = 5
    row, now = subscription_row("pro", status=STATUSES.PAST_DUE), timezone.now()
    mark_late(row, now)
    grants.entitle(row, {"alerts-10": 1})
    standing = standing_of(workspace.pk)
    assert (standing.terms.plan, standing.terms.alerts, standing.until) == ("pro", 30, now + timedelta(days=5))
    after = standing_of(workspace.pk, standing.until).terms
    assert (after.plan, after.alerts) == ("free", 3)


def test_a_payment_within_the_grace_ends_it(workspace: Workspace, subscription_row: Any) -> None:
    row = subscription_row("pro", status=STATUSES.PAST_DUE, letters=[0])
    mark_late(row, timezone.now())
    grants.entitle(row, {})
    row.status = STATUSES.ACTIVE
    mark_late(row, None)
    grants.entitle(row, {})
    assert (row.past_due_since, row.grace_ends_at, row.letters) == (None, None, [])
    assert standing_of(workspace.pk).until is None
    assert rows() == [("pro", 1, True)]


def test_past_the_grace_it_is_free_and_a_payment_brings_it_back(
    workspace: Workspace, subscription_row: Any, news: list[int | None], django_capture_on_commit_callbacks: Any
) -> None:
    row, now = subscription_row("pro", status=STATUSES.PAST_DUE), timezone.now()
    mark_late(row, now)
    grants.entitle(row, {"alerts-10": 1})
    assert end_graces() == 0
    over = now - timedelta(seconds=1)
    row.grace_ends_at = over
    Entitlement.objects.update(starts_at=now - timedelta(days=8), ends_at=over)
    Boost.objects.update(starts_at=now - timedelta(days=8), ends_at=over)
    with django_capture_on_commit_callbacks(execute=True):
        assert (end_graces(), end_graces()) == (1, 0)
    assert news == [workspace.pk]
    assert Entitlement.objects.get().revoked_at == Boost.objects.get().revoked_at == over
    grants.entitle(row, {"alerts-10": 1})
    assert terms_of(workspace).alerts == 3
    row.status, row.grace_ends_at = STATUSES.ACTIVE, None
    grants.entitle(row, {"alerts-10": 1})
    assert terms_of(workspace).alerts == 30


def test_a_suspension_takes_the_plan_once(workspace: Workspace, subscription_row: Any, rita: User) -> None:
    row = subscription_row("pro")
    grants.entitle(row, {"alerts-10": 1})
    suspend(subscription_id=row.pk, by="ch_1", because="Full refund of the last payment", newest_invoice="in_1")
    assert (terms_of(workspace).plan, terms_of(workspace).alerts) == ("free", 3)
    row.refresh_from_db()
    assert (row.suspended_because, row.suspended_by) == ("Full refund of the last payment", ["ch_1", "in_1"])
    Subscription.objects.update(suspended_at=None)
    suspend(subscription_id=row.pk, by="ch_1", because="Full refund of the last payment")
    row.refresh_from_db()
    assert row.suspended_at is None
    assert AuditEntry.objects.filter(action="subscription.suspended").count() == 1


def test_only_staff_lift_a_suspension_and_say_why(olivia: User, rita: User, subscription_row: Any) -> None:
    row = subscription_row("pro", suspended_at=timezone.now())
    with pytest.raises(Forbidden):
        lift_suspension(subscription=row, actor=olivia, reason="please")
    with pytest.raises(Invalid):
        lift_suspension(subscription=row, actor=rita, reason=" ")
    Subscription.objects.update(suspended_at=None)
    with pytest.raises(Conflict):
        lift_suspension(subscription=row, actor=rita, reason="a mistake")
