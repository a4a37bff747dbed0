"""What the Plans page offers: each plan at one interval, and what a person may do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from django.urls import reverse

from billing.models import Plan, Subscription
from billing.portal.facts import Fact, facts_of
from billing.portal.situation import Situation, Stage
from billing.terms import FREE

Interval = Subscription.Interval
MONTHS = 12


class Action(StrEnum):
    """The one button of a plan."""

    NONE = "none"
    BUY = "buy"
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    SWITCH = "switch"
    CANCEL = "cancel"
    RESUME = "resume"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Deal:
    """A plan at an interval: its price in US cents, what is saved by the year, and where the workspace stands to it."""

    plan: Plan
    interval: str
    cents: int
    saved_percent: int
    is_sold: bool
    is_current: bool
    is_subscribed: bool
    is_next: bool
    trial_days: int
    action: Action

    @property
    def facts(self) -> tuple[Fact, ...]:
        return facts_of(self.plan.terms())

    @property
    def change_url(self) -> str:
        """The page that shows what a move to this deal costs."""
        query = urlencode({"plan": self.plan.name, "interval": self.interval})
        return f"{reverse('portal:plan-change')}?{query}"

    @property
    def cents_a_month(self) -> int:
        """The price by the month, to the nearest cent."""
        return round(self.cents / MONTHS) if self.interval == Interval.YEAR else self.cents


def deals(*, interval: str, current: str, situation: Situation, may_bill: bool, had_trial: bool) -> list[Deal]:
    """Every plan at an interval, weakest first; `current` names the plan in force."""
    plans = Plan.objects.order_by("rank")
    return [_deal(plan, interval, current, situation, may_bill=may_bill, had_trial=had_trial) for plan in plans]


def price_of(plan: Plan, interval: str) -> int:
    """A plan's price in US cents at an interval."""
    cents: int = plan.price_year_cents if interval == Interval.YEAR else plan.price_month_cents
    return cents


def saved_percent(plan: Plan) -> int:
    """How much a year at once costs less than twelve months, in whole percent and never rounded up."""
    months = MONTHS * plan.price_month_cents
    return max(0, 100 * (months - plan.price_year_cents) // months) if months and plan.price_year_cents else 0


def _deal(plan: Plan, interval: str, current: str, situation: Situation, *, may_bill: bool, had_trial: bool) -> Deal:
    row = situation.subscription if situation.is_live else None
    return Deal(
        plan=plan,
        interval=interval,
        cents=price_of(plan, interval),
        saved_percent=saved_percent(plan),
        is_sold=bool(plan.sold_as(interval)),
        is_current=plan.name == current,
        is_subscribed=row is not None and row.plan_id == plan.name,
        is_next=situation.stage is Stage.MOVING and row is not None and _is_scheduled(plan, interval, row),
        trial_days=0 if had_trial or situation.is_live else plan.trial_days,
        action=action_of(plan, interval, situation) if may_bill else Action.NONE,
    )


def action_of(plan: Plan, interval: str, situation: Situation) -> Action:
    """What who does the billing may do about a plan in a situation."""
    row = situation.subscription
    if plan.name == FREE:
        return Action.CANCEL if situation.can_cancel else Action.NONE
    if row is None or not situation.is_live:
        return Action.BUY if plan.sold_as(interval) else Action.NONE
    if (plan.name, interval) == (row.plan_id, row.interval):
        return _stay(situation)
    if not situation.can_change or not plan.sold_as(interval) or _is_scheduled(plan, interval, row):
        return Action.NONE
    return _move(plan, row)


def _stay(situation: Situation) -> Action:
    """About the plan that is subscribed to: what was to happen to it can be taken back."""
    if situation.can_resume:
        return Action.RESUME
    return Action.KEEP if situation.stage is Stage.MOVING else Action.NONE


def _is_scheduled(plan: Plan, interval: str, row: Subscription) -> bool:
    return (plan.name, interval) == (row.next_plan_id, row.next_interval or row.interval)


def _move(plan: Plan, row: Subscription) -> Action:
    if row.plan is None or row.plan_id == plan.name:
        return Action.SWITCH
    return Action.UPGRADE if plan.rank > row.plan.rank else Action.DOWNGRADE
