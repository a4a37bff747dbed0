"""What packs and several seats add to a plan's numbers, and when that is known to change."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Workspace
from billing import limits
from billing.models import AddOn, Boost, Plan
from moondev.lib.errors import QuotaExhausted

pytestmark = pytest.mark.django_db
BoostRow = Callable[..., Boost]
PAYMENTS = itertools.count(1)


@pytest.fixture
def boost_row(workspace: Workspace) -> BoostRow:
    """Packs that were paid once, from day `start` to day `end`, counted from now."""

    def make(add_on: str, start: float = -1, end: float | None = None, **values: Any) -> Boost:
        now = timezone.now()
        ends_at = now + timedelta(days=end) if end is not None else None
        row = {"workspace": workspace, "add_on_id": add_on, "payment_id": f"pi_{next(PAYMENTS)}", "ends_at": ends_at}
        return Boost.objects.create(**{**row, "starts_at": now + timedelta(days=start), **values})

    return make


@pytest.fixture(autouse=True)
def _packs(db: None) -> None:
    common = {"title": "A pack", "price_cents": 900, "is_recurring": False}
    for name, raises, amount in (("ten", "alerts", 10), ("chair", "seats", 1), ("month", "history_days", 30)):
        AddOn.objects.create(name=name, raises=raises, amount=amount, **common)
    AddOn.objects.create(name="years", raises="history_days", amount=1000, **common)


def test_packs_add_to_what_the_plan_has(workspace: Workspace, grant_row: Any, boost_row: BoostRow) -> None:
    grant_row("pro")
    boost_row("ten", quantity=2)
    boost_row("ten")
    boost_row("chair", quantity=3)
    terms = limits.terms_of(workspace)
    assert (terms.plan, terms.alerts, terms.seats, terms.history_days) == ("pro", 50, 6, 90)


def test_packs_raise_free_as_well(workspace: Workspace, boost_row: BoostRow) -> None:
    boost_row("ten")
    assert (limits.terms_of(workspace).plan, limits.terms_of(workspace).alerts) == ("free", 13)


def test_of_histories_the_longest_counts(workspace: Workspace, grant_row: Any, boost_row: BoostRow) -> None:
    boost_row("month", quantity=5)
    assert limits.terms_of(workspace).history_days == 30
    grant_row("pro")
    assert limits.terms_of(workspace).history_days == 90
    boost_row("years")
    assert limits.terms_of(workspace).history_days == 1000


def test_a_pack_takes_nothing_from_a_plan_with_all_of_the_history(
    workspace: Workspace, grant_row: Any, boost_row: BoostRow
) -> None:
    grant_row("enterprise")
    boost_row("years")
    assert limits.terms_of(workspace).history_days is None


def test_seats_are_multiplied_by_the_quantity(workspace: Workspace, grant_row: Any) -> None:
    grant_row("team", end=None, quantity=3)
    terms = limits.terms_of(workspace)
    assert (terms.seats, terms.alerts) == (30, 50)


def test_of_two_grants_of_one_plan_the_one_with_more_seats_counts(workspace: Workspace, grant_row: Any) -> None:
    grant_row("team", end=None)
    grant_row("team", end=5, quantity=3)
    standing = limits.standing_of(workspace.pk)
    assert standing.terms.seats == 30
    assert limits.standing_of(workspace.pk, standing.until).terms.seats == 10


def test_a_pack_that_is_over_or_revoked_adds_nothing(workspace: Workspace, boost_row: BoostRow) -> None:
    boost_row("ten", start=-3, end=-1)
    boost_row("ten", revoked_at=timezone.now())
    boost_row("ten", start=1)
    assert limits.terms_of(workspace).alerts == 3


def test_another_workspaces_pack_is_not_ours(strangers_workspace: Workspace, boost_row: BoostRow) -> None:
    boost_row("ten")
    assert limits.terms_of(strangers_workspace).alerts == 3


def test_it_knows_when_a_pack_begins_and_ends(workspace: Workspace, grant_row: Any, boost_row: BoostRow) -> None:
    plan = grant_row("pro", end=20)
    pack = boost_row("ten", start=2, end=4)
    before = limits.standing_of(workspace.pk)
    assert (before.until, before.plan_until) == (pack.starts_at, plan.ends_at)
    during = limits.standing_of(workspace.pk, pack.starts_at)
    assert (during.terms.alerts, during.until) == (30, pack.ends_at)
    after = limits.standing_of(workspace.pk, pack.ends_at)
    assert (after.terms.alerts, after.until) == (20, plan.ends_at)


def test_an_edited_pack_changes_everybody_who_has_it(workspace: Workspace, boost_row: BoostRow) -> None:
    boost_row("ten")
    AddOn.objects.filter(pk="ten").update(amount=11)
    assert limits.terms_of(workspace).alerts == 14


def test_packs_cost_one_query(
    workspace: Workspace, grant_row: Any, boost_row: BoostRow, django_assert_max_num_queries: Any
) -> None:
    grant_row("pro")
    grant_row("team", start=2, end=4)
    for _ in range(3):
        boost_row("ten", end=3)
    with django_assert_max_num_queries(2):
        limits.standing_of(workspace.pk)


def test_a_refusal_says_that_packs_are_counted(workspace: Workspace, boost_row: BoostRow) -> None:
    boost_row("ten")
    with pytest.raises(QuotaExhausted, match="Free plan with your additions includes 13 alerts"):
        limits.check(workspace, "alerts", used=13)
    limits.check(workspace, "alerts", used=12)


def test_a_plans_own_number_is_named_without_additions(workspace: Workspace) -> None:
    Plan.objects.filter(name="free").update(alerts=2)
    with pytest.raises(QuotaExhausted, match="Free plan includes 2 alerts"):
        limits.check(workspace, "alerts", used=2)
