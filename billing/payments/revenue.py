"""What the subscriptions bring in, from our own rows: money in US cents, without taxes and after discounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.fields.json import KT
from django.utils import timezone
from djstripe.models import Invoice

from billing.models import Entitlement, Plan, StripeEvent, Subscription

DAYS = 30
STATUS = Subscription.Status
# What brings money at this moment. A trial does not yet, a suspended subscription not any more, a present never.
PAYING = Q(status__in=(STATUS.ACTIVE, STATUS.PAST_DUE), suspended_at=None, monthly_cents__gt=0)


@dataclass(frozen=True)
class PlanRevenue:
    """One plan: who pays for it, and how much that is by the month."""

    plan: Plan
    subscriptions: int
    monthly_cents: int
    # Percent of the largest plan.
    share: int = 0


@dataclass(frozen=True)
class Overview:
    """The state now, and what happened in the last 30 days."""

    monthly_cents: int
    paying: int
    trials: int
    past_due: int
    past_due_cents: int
    suspended: int
    comped: int
    new: int
    churned: int
    churned_cents: int
    failed_payments: int
    # Percent of those who paid 30 days ago; None when nobody did.
    churn: float | None
    plans: list[PlanRevenue]

    @property
    def yearly_cents(self) -> int:
        """Twelve times the month, as if nothing changed."""
        return 12 * self.monthly_cents


def overview(at: datetime | None = None) -> Overview:
    """All numbers, in a handful of queries."""
    now = at or timezone.now()
    since = now - timedelta(days=DAYS)
    started, gone = _started(since), _gone(since)
    lost = _paying_at(since, gone).count()
    before = lost + _paying_at(since, _ours().filter(PAYING)).count()
    late = _sum(_ours().filter(status=STATUS.PAST_DUE, suspended_at=None))
    paying, monthly = _sum(_ours().filter(PAYING))
    churned, churned_cents = _sum(gone)
    return Overview(
        monthly_cents=monthly,
        paying=paying,
        trials=_ours().filter(status=STATUS.TRIALING, suspended_at=None).count(),
        past_due=late[0],
        past_due_cents=late[1],
        suspended=Subscription.objects.live().filter(suspended_at__isnull=False).count(),
        comped=_comped(now),
        new=started.count(),
        churned=churned,
        churned_cents=churned_cents,
        failed_payments=failed_payments(since).values("object_id").distinct().count(),
        churn=round(100 * lost / before, 1) if before else None,
        plans=_by_plan(),
    )


def failed_payments(since: datetime) -> QuerySet[StripeEvent]:
    """Stripe's news of payments that failed, newest first; an invoice may fail several times."""
    failed = StripeEvent.objects.filter(type="invoice.payment_failed", livemode=settings.STRIPE_LIVE_MODE)
    rows: QuerySet[StripeEvent] = failed.filter(created_at__gte=since)
    return rows.order_by("-created_at")


def _ours() -> QuerySet[Subscription]:
    """What our key sells: play money of test mode is no revenue where real money is taken."""
    return Subscription.objects.of_this_mode()


def _started(since: datetime) -> QuerySet[Subscription]:
    """New ones that were paid or are on trial; a checkout that nobody paid is none."""
    unpaid = (STATUS.INCOMPLETE, STATUS.INCOMPLETE_EXPIRED)
    return _ours().filter(started_at__gte=since).exclude(status__in=unpaid)


def _gone(since: datetime) -> QuerySet[Subscription]:
    """Those that have ended and for which money came before; a trial that nobody paid for takes none away."""
    paid = Invoice.objects.annotate(paid_for=KT("stripe_data__parent__subscription_details__subscription")).filter(
        customer_id=OuterRef("customer_id"), paid_for=OuterRef("pk"), stripe_data__amount_paid__gt=0
    )
    return _ours().filter(Exists(paid), status=STATUS.CANCELED, ended_at__gte=since)


def _paying_at(moment: datetime, rows: QuerySet[Subscription]) -> QuerySet[Subscription]:
    """Of these, those that had begun and were beyond their trial."""
    return rows.filter(Q(trial_ends_at=None) | Q(trial_ends_at__lt=moment), started_at__lt=moment)


def _sum(rows: QuerySet[Subscription]) -> tuple[int, int]:
    """How many, and their money by the month."""
    found = rows.order_by().aggregate(n=Count("pk"), cents=Sum("monthly_cents", default=0))
    return found["n"], found["cents"]


def _comped(now: datetime) -> int:
    """Open workspaces that have a plan from staff and pay for none."""
    staffs = Entitlement.objects.in_force(now).filter(source=Entitlement.Source.STAFF).order_by()
    given = staffs.filter(workspace__closed_at=None)
    payers = _ours().filter(PAYING).exclude(workspace=None).values("workspace")
    return given.exclude(workspace__in=payers).values("workspace").distinct().count()


def _by_plan() -> list[PlanRevenue]:
    """Every plan with a price, weakest first."""
    paid = Q(subscriptions__in=_ours().filter(PAYING))
    rows: Any = Plan.objects.filter(price_month_cents__gt=0).annotate(
        n=Count("subscriptions", filter=paid), cents=Sum("subscriptions__monthly_cents", filter=paid, default=0)
    )
    found = list(rows.order_by("rank"))
    most = max((row.cents for row in found), default=0) or 1
    return [PlanRevenue(row, row.n, row.cents, round(100 * row.cents / most)) for row in found]
