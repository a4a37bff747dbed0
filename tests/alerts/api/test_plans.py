"""The plan's number of alerts: exact when many are made at once, and held when the plan changes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User, Workspace
from alerts import services, tasks
from alerts.models import Alert
from billing.changes import notify
from billing.models import Entitlement, Plan
from moondev.lib.errors import QuotaExhausted
from tests.alerts.api.conftest import Make

pytestmark = pytest.mark.django_db
WHALES: Any = {"type": "whale_activity", "threshold": 3}


def paused() -> list[str]:
    return list(Alert.objects.filter(over_plan=True).order_by("created_at").values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_it_is_exact_when_fifty_are_made_at_once(workspace: Workspace, olivia: User) -> None:
    def make(_: int) -> bool:
        try:
            services.create_alert(workspace=workspace, actor=olivia, values=WHALES)
        except QuotaExhausted:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(50) as pool:
        made = list(pool.map(make, range(50)))
    assert sum(made) == Alert.objects.count() == 3


def test_it_pauses_the_newest_when_the_plan_ends_and_takes_them_back(
    make: Make, pro: Entitlement, workspace: Workspace, django_capture_on_commit_callbacks: Any
) -> None:
    made = [make().pk for _ in range(5)]
    with django_capture_on_commit_callbacks(execute=True):
        Entitlement.objects.update(revoked_at=timezone.now())
        notify(workspace.pk)
    assert paused() == made[3:]
    with django_capture_on_commit_callbacks(execute=True):
        Entitlement.objects.update(revoked_at=None)
        notify(workspace.pk)
    assert paused() == []


def test_it_makes_no_other_while_some_are_paused(make: Make, pro: Entitlement) -> None:
    for _ in range(5):
        make()
    Entitlement.objects.update(revoked_at=timezone.now())
    tasks.fit_all()
    with pytest.raises(QuotaExhausted):
        make()


def test_it_fills_the_place_of_one_that_is_deleted(make: Make, pro: Entitlement, olivia: User) -> None:
    made = [make() for _ in range(5)]
    Entitlement.objects.update(revoked_at=timezone.now())
    tasks.fit_all()
    services.delete_alert(alert=made[0], actor=olivia)
    assert paused() == [made[4].pk]


def test_it_sees_a_grant_that_ends_by_itself(make: Make, pro: Entitlement) -> None:
    made = [make().pk for _ in range(4)]
    tasks.fit_recent()
    assert paused() == []
    Entitlement.objects.update(starts_at=timezone.now() - timedelta(days=2), ends_at=timezone.now())
    tasks.fit_recent()
    assert paused() == made[3:]


def test_it_holds_what_staff_make_of_a_plan(make: Make, pro: Entitlement) -> None:
    made = [make().pk for _ in range(3)]
    Plan.objects.filter(pk="pro").update(alerts=2)
    tasks.fit_all()
    assert paused() == made[2:]


def test_it_begins_anew_after_a_pause_by_the_plan(make: Make, pro: Entitlement) -> None:
    made = [make() for _ in range(4)]
    Alert.objects.filter(pk=made[3].pk).update(over_plan=True, phase="pending")
    tasks.fit_all()
    assert Alert.objects.get(pk=made[3].pk).phase == "normal"


@pytest.mark.django_db(transaction=True)
def test_deleting_one_waits_for_no_round_that_changes_others(make: Make, olivia: User) -> None:
    """The round may be about to change the deleted one too: each would wait for the other."""
    other, gone = make(), make()

    def delete() -> None:
        try:
            services.delete_alert(alert=gone, actor=olivia)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Alert.objects.filter(pk=other.pk).update(value=1.0)
        pool.submit(delete).result(timeout=20)
    assert list(Alert.objects.all()) == [other]
