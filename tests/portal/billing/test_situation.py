"""The one word for where a workspace stands, whatever a subscription's row says."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Workspace
from billing.models import Subscription
from billing.payments.orders import subscription_of
from billing.portal.situation import Situation, Stage, situation_of, stage_of
from tests.portal.billing.rows import soon, subscribe

CASES: list[tuple[dict[str, Any], Stage]] = [
    ({"status": "active"}, Stage.RUNNING),
    ({"status": "trialing", "trial_ends_at": 3}, Stage.TRIAL),
    ({"status": "active", "next_plan_id": "free", "next_at": 3}, Stage.MOVING),
    ({"status": "active", "cancels_at": 3}, Stage.LEAVING),
    ({"status": "trialing", "cancels_at": 3}, Stage.LEAVING),
    ({"status": "past_due", "grace_ends_at": 3}, Stage.LATE),
    ({"status": "past_due", "grace_ends_at": 3, "cancels_at": 3}, Stage.LATE),
    ({"status": "past_due", "grace_ends_at": -3}, Stage.UNPAID),
    ({"status": "unpaid"}, Stage.UNPAID),
    ({"status": "incomplete"}, Stage.UNFINISHED),
    ({"status": "paused"}, Stage.PAUSED),
    ({"status": "active", "suspended_at": -1}, Stage.SUSPENDED),
    ({"status": "past_due", "grace_ends_at": 3, "suspended_at": -1}, Stage.SUSPENDED),
    ({"status": "active", "cancel_requested_at": -1}, Stage.CLOSING),
    ({"status": "active", "plan_id": None}, Stage.UNCLEAR),
    ({"status": "canceled", "suspended_at": -1}, Stage.ENDED),
    ({"status": "incomplete_expired"}, Stage.ENDED),
]


@pytest.mark.parametrize(("values", "stage"), CASES, ids=lambda value: str(value))
def test_it_says_the_gravest_thing(values: dict[str, Any], stage: Stage) -> None:
    moments = {name: soon(value) if isinstance(value, int) else value for name, value in values.items()}
    row = Subscription(**{"plan_id": "pro", **moments})
    assert stage_of(row, timezone.now()) is stage


def test_a_late_plan_ends_with_the_subscription_where_that_is_sooner(workspace: Workspace) -> None:
    row = subscribe(workspace, status="past_due", grace_ends_at=soon(5), cancels_at=soon(2))
    assert situation_of(workspace).until == row.cancels_at


def test_it_prefers_what_is_live_to_what_has_ended(workspace: Workspace) -> None:
    live = subscribe(workspace)
    subscribe(workspace, status="canceled", started_at=soon(-1))
    assert situation_of(workspace).subscription == live


def test_it_knows_the_newest_of_those_that_ended(workspace: Workspace) -> None:
    subscribe(workspace, status="canceled", started_at=soon(-300))
    last = subscribe(workspace, status="canceled", started_at=soon(-100), ended_at=soon(-70))
    found = situation_of(workspace)
    assert (found.stage, found.subscription, found.until) == (Stage.ENDED, last, last.ended_at)


def test_of_two_that_live_it_shows_the_one_that_is_changed(workspace: Workspace) -> None:
    """Paid twice by mistake: cancelling must end what the page shows, and then show the other one."""
    older, newer = subscribe(workspace, started_at=soon(-30)), subscribe(workspace, "team", started_at=soon(-1))
    shown = []
    for row in (older, newer):
        assert situation_of(workspace).subscription == subscription_of(workspace)
        shown.append(subscription_of(workspace))
        Subscription.objects.filter(pk=row.pk).update(cancels_at=soon(9))
    assert shown == [older, newer]
    assert situation_of(workspace).subscription == subscription_of(workspace)


def test_it_sees_nothing_of_strangers(workspace: Workspace, strangers_workspace: Workspace) -> None:
    subscribe(strangers_workspace)
    assert situation_of(workspace) == Situation(Stage.FREE, None)


@pytest.mark.parametrize(
    ("stage", "days", "told"),
    [
        (Stage.RUNNING, 3, False),
        (Stage.LEAVING, 30, True),
        (Stage.LEAVING, 200, False),
        (Stage.TRIAL, 5, True),
        (Stage.TRIAL, 12, False),
        (Stage.LATE, 6, True),
        (Stage.SUSPENDED, -1, True),
    ],
)
def test_it_is_news_where_something_is_wrong_or_about_to_end(stage: Stage, days: float, told: bool) -> None:
    assert Situation(stage, None, soon(days)).is_news is told
