"""The only gatekeeper: what a plan allows, what it says when it refuses, and that it is exact under concurrency."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from django.db import connection, transaction

from accounts import limits as registry
from accounts.models import Member, Role, User, Workspace
from billing import limits
from billing.limits import Limit
from billing.models import Plan
from billing.terms import FEATURES, FORMATS, PLAN_NAMES
from moondev.lib.errors import PlanTooLow, QuotaExhausted
from tests.billing.test_plans import COLUMNS, CONTRACT

LIMITS: tuple[Limit, ...] = get_args(Limit)


def allowed(plan: str, limit: str) -> Any:
    return CONTRACT[plan][COLUMNS.index(limit)]


@pytest.mark.django_db
@pytest.mark.parametrize("plan", PLAN_NAMES)
@pytest.mark.parametrize("limit", LIMITS)
def test_it_lets_the_last_one_in_and_refuses_the_next(
    plan: str, limit: Limit, workspace: Workspace, grant_row: Any
) -> None:
    if plan != "free":
        grant_row(plan)
    number = allowed(plan, limit)
    limits.check(workspace, limit, used=number - 1)
    for used in (number, number + 5):
        with pytest.raises(QuotaExhausted) as refused:
            limits.check(workspace, limit, used=used)
        assert refused.value.data == {"plan": plan, "limit": limit, "allowed": number, "used": used}


@pytest.mark.django_db
def test_a_refusal_names_the_plan_the_number_and_the_remedy(workspace: Workspace, grant_row: Any) -> None:
    with pytest.raises(QuotaExhausted) as refused:
        limits.check(workspace, "alerts", used=3)
    assert refused.value.detail == (
        "The Free plan includes 3 alerts and this workspace has 3. Delete an alert, or move to the Pro plan (20)."
    )
    grant_row("enterprise")
    with pytest.raises(QuotaExhausted) as refused:
        limits.check(workspace, "backtest_runs_per_day", used=2000)
    assert refused.value.detail == (
        "The Enterprise plan includes 2,000 backtest runs a day and this workspace has 2,000. "
        "Wait until 00:00 UTC, or ask us for more."
    )


@pytest.mark.django_db
def test_the_remedy_is_a_plan_that_would_do(workspace: Workspace) -> None:
    with pytest.raises(QuotaExhausted, match=r"move to the Team plan \(50\)"):
        limits.check(workspace, "alerts", used=20)


@pytest.mark.django_db
@pytest.mark.parametrize("plan", PLAN_NAMES)
@pytest.mark.parametrize("feature", FEATURES)
def test_it_unlocks_the_plans_features(plan: str, feature: str) -> None:
    terms = Plan.objects.get(name=plan).terms()
    if feature in allowed(plan, "features"):
        limits.check_feature(terms, feature)
        return
    with pytest.raises(PlanTooLow) as refused:
        limits.check_feature(terms, feature)
    assert refused.value.data["needed_plan"] in PLAN_NAMES[PLAN_NAMES.index(plan) + 1 :]
    assert feature in refused.value.detail


@pytest.mark.django_db
@pytest.mark.parametrize("plan", PLAN_NAMES)
@pytest.mark.parametrize("name", FORMATS)
def test_it_serves_the_plans_formats(plan: str, name: str) -> None:
    terms = Plan.objects.get(name=plan).terms()
    if name in allowed(plan, "formats"):
        limits.check_format(terms, name)
        return
    with pytest.raises(PlanTooLow, match=f"The Free plan does not include files as {name}. The Pro plan does"):
        limits.check_format(terms, name)


@pytest.mark.django_db
def test_it_refuses_what_lies_before_the_plans_history() -> None:
    terms = Plan.objects.get(name="pro").terms()
    earliest = datetime(2026, 1, 31, tzinfo=UTC)
    for start, begins in ((earliest, earliest), (earliest, None), (earliest + timedelta(days=1), earliest)):
        limits.check_history(terms, start=start, earliest=begins)
    with pytest.raises(PlanTooLow) as refused:
        limits.check_history(terms, start=earliest - timedelta(seconds=1), earliest=earliest)
    assert refused.value.data == {"plan": "pro", "needed_plan": "team", "history_from": "2026-01-31T00:00:00Z"}
    assert "90 days back" in refused.value.detail


@pytest.mark.django_db
def test_it_refuses_features_and_formats_that_nobody_has(workspace: Workspace) -> None:
    terms = limits.terms_of(workspace)
    with pytest.raises(ValueError, match="no feature"):
        limits.check_feature(terms, "Focus")
    with pytest.raises(ValueError, match="no format"):
        limits.check_format(terms, "xls")


@pytest.mark.django_db
def test_an_unknown_plan_is_an_error_and_never_free(workspace: Workspace) -> None:
    with pytest.raises(LookupError, match="no plan 'gold'"):
        limits.plan_named("gold")


@pytest.mark.django_db
def test_the_best_plan_of_owned_workspaces_says_how_many_one_may_own(
    olivia: User, workspace: Workspace, grant_row: Any
) -> None:
    with pytest.raises(QuotaExhausted, match="The Free plan includes 1 workspace of your own and you have 1"):
        limits.check_workspaces(olivia)
    grant_row("team")
    second = Workspace.objects.create(slug="second", name="Second")
    Member.objects.create(workspace=second, user=olivia, role=Role.OWNER)
    limits.check_workspaces(olivia)
    limits.check_workspaces(olivia, used=9)
    with pytest.raises(QuotaExhausted):
        limits.check_workspaces(olivia, used=10)


@pytest.mark.django_db
def test_a_members_place_in_a_paid_workspace_gives_no_workspace_of_ones_own(
    max: User, workspace: Workspace, grant_row: Any
) -> None:
    grant_row("enterprise")
    limits.check_workspaces(max, used=0)
    with pytest.raises(QuotaExhausted):
        limits.check_workspaces(max, used=1)


@pytest.mark.django_db
def test_accounts_asks_through_its_registry(olivia: User, workspace: Workspace) -> None:
    with pytest.raises(QuotaExhausted):
        registry.check_seats(workspace, 2)
    with pytest.raises(QuotaExhausted):
        registry.check_workspaces(olivia, 1)


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_get_exactly_the_plans_number(workspace: Workspace, grant_row: Any) -> None:
    """Each inserts a member under the workspace's lock, as the module's docstring says; team has ten seats."""
    grant_row("team")
    people = [User.objects.create_user(f"person{n}@example.com", None) for n in range(24)]
    refused: list[str] = []
    start = threading.Barrier(8)

    def join(some: list[User]) -> None:
        start.wait()
        for person in some:
            try:
                _join(workspace, person)
            except QuotaExhausted as error:
                refused.append(error.detail)
        connection.close()

    threads = [threading.Thread(target=join, args=(people[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert workspace.members.count() == 10
    assert len(refused) == 24 - 8


def _join(workspace: Workspace, person: User) -> None:
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        limits.check(workspace, "seats", used=workspace.members.count())
        Member.objects.create(workspace=workspace, user=person)
