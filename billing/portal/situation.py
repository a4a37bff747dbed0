"""Where a workspace stands with its subscription, in one word that the pages have sentences for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils import timezone

from accounts.models import Workspace
from billing.models import Subscription

# How long before the end a page of another matter says so. A month covers every cancelled month.
SOON_OVER = timedelta(days=31)
TRIAL_SOON_OVER = timedelta(days=7)


class Stage(StrEnum):
    """From nothing bought to bought and over. The first that fits, from the last to the first, is the one."""

    FREE = "free"
    RUNNING = "running"
    TRIAL = "trial"
    MOVING = "moving"
    LEAVING = "leaving"
    UNCLEAR = "unclear"
    LATE = "late"
    UNPAID = "unpaid"
    UNFINISHED = "unfinished"
    PAUSED = "paused"
    CLOSING = "closing"
    SUSPENDED = "suspended"
    ENDED = "ended"


Status = Subscription.Status
# Of these an invoice is open, which Stripe may try to charge until the subscription ends.
INDEBTED = (Status.PAST_DUE, Status.UNPAID, Status.INCOMPLETE)
CHANGEABLE = (Stage.RUNNING, Stage.TRIAL, Stage.MOVING)
OWING = (Stage.LATE, Stage.UNPAID, Stage.UNFINISHED, Stage.PAUSED)
# Told on every page; LEAVING and TRIAL only near their end.
NEWS = (*OWING, Stage.SUSPENDED, Stage.LEAVING, Stage.TRIAL)

# The gravest first: what keeps the plan away is said before what will happen to it.
RULES: tuple[tuple[Stage, Callable[[Subscription, datetime], bool]], ...] = (
    (Stage.ENDED, lambda row, now: not row.is_live),
    (Stage.SUSPENDED, lambda row, now: row.suspended_at is not None),
    (Stage.CLOSING, lambda row, now: row.cancel_requested_at is not None),
    (Stage.LATE, lambda row, now: row.status == Status.PAST_DUE and row.grants(now)),
    (Stage.UNPAID, lambda row, now: row.status in (Status.PAST_DUE, Status.UNPAID)),
    (Stage.UNFINISHED, lambda row, now: row.status == Status.INCOMPLETE),
    (Stage.PAUSED, lambda row, now: row.status == Status.PAUSED),
    (Stage.UNCLEAR, lambda row, now: row.plan_id is None),
    (Stage.LEAVING, lambda row, now: row.cancels_at is not None),
    (Stage.MOVING, lambda row, now: row.next_plan_id is not None),
    (Stage.TRIAL, lambda row, now: row.status == Status.TRIALING),
)


@dataclass(frozen=True, slots=True)
class Situation:
    """A stage, the subscription it is about (none on free) and the moment at which the stage ends, if it is known."""

    stage: Stage
    subscription: Subscription | None
    until: datetime | None = None

    @property
    def is_live(self) -> bool:
        """Whether something is subscribed to, paid or not: then nothing is bought, it is changed."""
        return self.stage not in (Stage.FREE, Stage.ENDED)

    @property
    def can_change(self) -> bool:
        """Whether the plan may be changed now."""
        return self.stage in CHANGEABLE

    @property
    def can_change_packs(self) -> bool:
        """Whether the packs that are billed with the plan may be: not while another plan is about to follow."""
        return self.can_change and self.stage is not Stage.MOVING

    @property
    def can_cancel(self) -> bool:
        row = self.subscription
        return row is not None and self.is_live and self.stage is not Stage.CLOSING and row.cancels_at is None

    @property
    def can_resume(self) -> bool:
        """Whether it is cancelled and has not ended: whatever else is wrong with it, that can be taken back."""
        row = self.subscription
        return row is not None and self.is_live and self.stage is not Stage.CLOSING and row.cancels_at is not None

    @property
    def is_indebted(self) -> bool:
        """Whether an invoice is open, which a cancellation does not undo."""
        return self.subscription is not None and self.is_live and self.subscription.status in INDEBTED

    @property
    def owes(self) -> bool:
        """Whether a payment is missing."""
        return self.stage in OWING

    @property
    def is_news(self) -> bool:
        """Whether every page of the portal says so."""
        if self.stage is Stage.LEAVING:
            return self._ends_within(SOON_OVER)
        if self.stage is Stage.TRIAL:
            return self._ends_within(TRIAL_SOON_OVER)
        return self.stage in NEWS

    def _ends_within(self, span: timedelta) -> bool:
        return self.until is not None and self.until - timezone.now() <= span


def situation_of(workspace: Workspace) -> Situation:
    """Where a workspace stands now: by its live subscription, or by the last one that ended. One query."""
    owned = Subscription.objects.for_workspace(workspace).of_this_mode().select_related("plan", "next_plan")
    rows = list(owned.in_turn())
    newest = max(rows, key=lambda row: row.started_at, default=None)
    found = next((row for row in rows if row.is_live), newest)
    if found is None:
        return Situation(Stage.FREE, None)
    stage = stage_of(found, timezone.now())
    return Situation(stage, found, until_of(found, stage))


def stage_of(subscription: Subscription, now: datetime) -> Stage:
    """The stage of a subscription at a moment."""
    return next((stage for stage, fits in RULES if fits(subscription, now)), Stage.RUNNING)


def until_of(subscription: Subscription, stage: Stage) -> datetime | None:
    """When a stage ends or ended, as far as it is known."""
    ends_late = [moment for moment in (subscription.grace_ends_at, subscription.cancels_at) if moment]
    moments = {
        Stage.RUNNING: subscription.current_period_end,
        Stage.TRIAL: subscription.trial_ends_at or subscription.current_period_end,
        Stage.MOVING: subscription.next_at,
        Stage.LEAVING: subscription.cancels_at,
        Stage.LATE: min(ends_late, default=None),
        Stage.UNPAID: subscription.grace_ends_at,
        Stage.SUSPENDED: subscription.suspended_at,
        Stage.ENDED: subscription.ended_at,
    }
    return moments.get(stage)
