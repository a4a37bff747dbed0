"""Which plan counts when: grants that overlap, begin, end and are taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import AuditEntry, User, Workspace
from billing import services
from billing.census import workspaces_by_plan
from billing.limits import standing_of, terms_of
from billing.models import Entitlement, Plan
from moondev.lib.errors import Conflict, Forbidden, Invalid

pytestmark = pytest.mark.django_db


def in_days(days: float) -> datetime:
    return timezone.now() + timedelta(days=days)


def plan_at(workspace: Workspace, days: float) -> str:
    return standing_of(workspace.pk, in_days(days)).terms.plan


def test_a_workspace_without_a_grant_is_on_free_for_ever(workspace: Workspace) -> None:
    standing = standing_of(workspace.pk)
    assert (standing.terms.plan, standing.until) == ("free", None)


def test_a_grant_holds_from_its_start_to_its_end(workspace: Workspace, grant_row: Any) -> None:
    row = grant_row("pro", start=1, end=3)
    assert [plan_at(workspace, day) for day in (0, 1.01, 2.99, 3.01)] == ["free", "pro", "pro", "free"]
    assert standing_of(workspace.pk, row.starts_at).terms.plan == "pro"
    assert standing_of(workspace.pk, row.ends_at).terms.plan == "free"


def test_of_overlapping_grants_the_strongest_counts_and_the_other_comes_back(
    workspace: Workspace, grant_row: Any
) -> None:
    grant_row("pro", start=0, end=10)
    grant_row("enterprise", start=2, end=4)
    grant_row("team", start=3, end=6)
    days = (1, 2.5, 3.5, 4.5, 6.5, 10.5)
    assert [plan_at(workspace, day) for day in days] == ["pro", "enterprise", "enterprise", "team", "pro", "free"]


def test_it_knows_until_when_the_plan_holds(workspace: Workspace, grant_row: Any) -> None:
    first = grant_row("pro", start=-1, end=10)
    strong = grant_row("team", start=2, end=4)
    assert standing_of(workspace.pk).until == strong.starts_at
    assert standing_of(workspace.pk, in_days(3)).until == strong.ends_at
    assert standing_of(workspace.pk, in_days(5)).until == first.ends_at


def test_two_grants_of_one_plan_in_a_row_are_one_stretch(workspace: Workspace, grant_row: Any) -> None:
    first = grant_row("pro", start=-1, end=5)
    second = grant_row("pro", start=5, end=9, starts_at=first.ends_at)
    assert standing_of(workspace.pk).until == second.ends_at


def test_a_paid_plan_without_an_end_outlasts_a_grant_of_the_same_plan(workspace: Workspace, grant_row: Any) -> None:
    grant_row("pro", end=5)
    grant_row("pro", end=None)
    standing = standing_of(workspace.pk)
    assert (standing.terms.plan, standing.until) == ("pro", None)


def test_a_revoked_grant_counts_no_more(workspace: Workspace, grant_row: Any) -> None:
    grant_row("team", revoked_at=timezone.now())
    assert terms_of(workspace).plan == "free"


def test_another_workspaces_grant_is_not_ours(strangers_workspace: Workspace, grant_row: Any) -> None:
    grant_row("team")
    assert terms_of(strangers_workspace).plan == "free"


def test_it_reads_a_standing_with_two_queries_at_most(
    workspace: Workspace, grant_row: Any, django_assert_max_num_queries: Any
) -> None:
    for plan in ("pro", "team", "enterprise"):
        grant_row(plan)
    with django_assert_max_num_queries(2):
        standing_of(workspace.pk)


def test_staff_grant_a_plan(
    workspace: Workspace, rita: User, news: list[int | None], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        row = services.grant(workspace=workspace, plan="team", reason=" pilot ", ends_at=in_days(30), actor=rita)
    assert terms_of(workspace).plan == "team"
    assert (row.reason, row.granted_by, row.source) == ("pilot", rita, "staff")
    entry = AuditEntry.objects.get(action="entitlement.granted")
    assert (entry.workspace, entry.actor, entry.target, entry.data["reason"]) == (workspace, rita, "team", "pilot")
    assert news == [workspace.pk]


def test_staff_end_a_grant_once(
    workspace: Workspace, rita: User, grant_row: Any, news: list[int | None], django_capture_on_commit_callbacks: Any
) -> None:
    row = grant_row("team")
    with django_capture_on_commit_callbacks(execute=True):
        services.end_grant(entitlement=row, actor=rita)
        services.end_grant(entitlement=Entitlement.objects.get(pk=row.pk), actor=rita)
    assert terms_of(workspace).plan == "free"
    assert AuditEntry.objects.filter(action="entitlement.ended").count() == 1
    assert news == [workspace.pk]


def test_a_paid_plan_is_ended_by_its_subscription_only(rita: User, grant_row: Any) -> None:
    with pytest.raises(Conflict, match="subscription"):
        services.end_grant(entitlement=grant_row("pro", end=None), actor=rita)


def test_customers_grant_nothing(workspace: Workspace, olivia: User, rita: User, grant_row: Any) -> None:
    with pytest.raises(Forbidden):
        services.grant(workspace=workspace, plan="pro", reason="please", ends_at=in_days(1), actor=olivia)
    with pytest.raises(Forbidden):
        services.end_grant(entitlement=grant_row("pro"), actor=olivia)
    rita.is_active = False
    with pytest.raises(Forbidden):
        services.grant(workspace=workspace, plan="pro", reason="please", ends_at=in_days(1), actor=rita)


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"plan": "gold"}, "/plan"),
        ({"plan": "free"}, "/plan"),
        ({"reason": "  "}, "/reason"),
        ({"reason": "x" * 201}, "/reason"),
        ({"ends_at": datetime.fromisoformat("2020-01-01T00:00:00+00:00")}, "/ends_at"),
        ({"ends_at": datetime.fromisoformat("9999-01-01T00:00:00+00:00")}, "/ends_at"),
    ],
)
def test_it_refuses_a_grant_that_makes_no_sense(
    values: dict[str, Any], pointer: str, workspace: Workspace, rita: User
) -> None:
    usual = {"workspace": workspace, "plan": "pro", "reason": "pilot", "ends_at": in_days(30), "actor": rita}
    with pytest.raises(Invalid) as refused:
        services.grant(**{**usual, **values})
    assert refused.value.errors[0].pointer == pointer


def test_a_closed_workspace_gets_no_plan(workspace: Workspace, rita: User) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(closed_at=timezone.now(), erase_after=in_days(30))
    with pytest.raises(Conflict, match="closed"):
        services.grant(workspace=workspace, plan="pro", reason="pilot", ends_at=in_days(30), actor=rita)


@pytest.mark.parametrize(
    "values",
    [
        {"plan_id": "free"},
        {"ends_at": None, "source": "staff"},
        {"starts_at": timezone.now(), "ends_at": timezone.now() - timedelta(days=1)},
        {"reason": ""},
        {"source": "gift"},
    ],
)
def test_the_database_refuses_an_impossible_grant(values: dict[str, Any], grant_row: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        grant_row("pro", **values)


def test_it_counts_each_open_workspace_under_the_plan_that_counts(
    workspace: Workspace, strangers_workspace: Workspace, grant_row: Any
) -> None:
    grant_row("pro")
    grant_row("team")
    assert workspaces_by_plan() == {"free": 1, "pro": 0, "team": 1, "enterprise": 0}
    Workspace.objects.filter(pk=workspace.pk).update(closed_at=timezone.now(), erase_after=in_days(30))
    assert workspaces_by_plan() == {"free": 1, "pro": 0, "team": 0, "enterprise": 0}


def test_editing_a_plan_changes_everybody_who_has_it(workspace: Workspace, grant_row: Any) -> None:
    grant_row("pro")
    Plan.objects.filter(name="pro").update(requests_per_minute=601)
    assert terms_of(workspace).requests_per_minute == 601
