"""A subscription as we last read it from Stripe. `billing.payments.subscriptions` alone writes it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Workspace
from accounts.models.workspace import WorkspaceOwned
from billing.models.plan import Plan


def not_of_other_mode() -> Q:
    """For rows that a subscription may give: what was paid with play money gives nothing where real money is taken."""
    return Q(subscription=None) | Q(subscription__livemode=settings.STRIPE_LIVE_MODE)


class SubscriptionQuerySet(WorkspaceOwned):
    """Subscriptions of one workspace or of many."""

    def of_this_mode(self) -> SubscriptionQuerySet:
        """Those that our key sells: live ones with a live key, test ones with any other."""
        rows: SubscriptionQuerySet = self.filter(livemode=settings.STRIPE_LIVE_MODE)
        return rows

    def live(self) -> SubscriptionQuerySet:
        """Those that Stripe still bills or tries to: everything of this mode that has not ended for good."""
        rows: SubscriptionQuerySet = self.of_this_mode().exclude(status__in=Subscription.ENDED)
        return rows

    def in_turn(self) -> SubscriptionQuerySet:
        """Of several that live by mistake the first is shown and changed: one that goes on, of those the oldest."""
        rows: SubscriptionQuerySet = self.order_by(F("cancels_at").desc(nulls_first=True), "started_at", "pk")
        return rows


class Subscription(models.Model):
    """What a workspace subscribes to. Money in US cents, moments in UTC."""

    class Status(models.TextChoices):
        """Stripe's own words."""

        INCOMPLETE = "incomplete"
        INCOMPLETE_EXPIRED = "incomplete_expired"
        TRIALING = "trialing"
        ACTIVE = "active"
        PAST_DUE = "past_due"
        UNPAID = "unpaid"
        CANCELED = "canceled"
        PAUSED = "paused"

    ENDED = (Status.CANCELED, Status.INCOMPLETE_EXPIRED)

    class Interval(models.TextChoices):
        MONTH = "month"
        YEAR = "year"

    id = models.CharField("Stripe subscription", primary_key=True, max_length=100, help_text="sub_…")
    workspace = models.ForeignKey(
        Workspace, null=True, blank=True, on_delete=models.CASCADE, related_name="subscriptions",
        help_text="Empty while the buyer has not used the link in their e-mail",
    )  # fmt: skip
    customer_id = models.CharField("Stripe customer", max_length=100, db_index=True)
    status = models.CharField(max_length=20, choices=Status.choices)
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="subscriptions")
    interval = models.CharField(max_length=5, choices=Interval.choices, blank=True)
    price_id = models.CharField("Stripe price", max_length=100, blank=True)
    quantity = models.PositiveIntegerField(default=1)
    monthly_cents = models.PositiveIntegerField(
        default=0, help_text="All of its items, by the month, without taxes, after discounts that go on"
    )
    started_at = models.DateTimeField()
    current_period_end = models.DateTimeField(null=True, blank=True)
    trial_ends_at = models.DateTimeField(null=True, blank=True)
    # Stripe tells one of two: cancel at the period's end, or at a moment. Here it is the moment.
    cancels_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    next_plan = models.ForeignKey(
        Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="A scheduled downgrade"
    )
    next_interval = models.CharField(max_length=5, choices=Interval.choices, blank=True)
    next_at = models.DateTimeField(null=True, blank=True, help_text="When the scheduled plan begins")
    past_due_since = models.DateTimeField(null=True, blank=True)
    grace_ends_at = models.DateTimeField(null=True, blank=True)
    letters = ArrayField(
        models.PositiveSmallIntegerField(), default=list, blank=True, editable=False,
        help_text="The days of this grace whose letter was sent",
    )  # fmt: skip
    suspended_at = models.DateTimeField(null=True, blank=True, help_text="A full refund or a lost dispute")
    suspended_because = models.CharField(max_length=200, blank=True)
    suspended_by = ArrayField(
        models.CharField(max_length=100), default=list, blank=True, editable=False,
        help_text="Charges and disputes that have suspended it; none does so again after staff lifted it",
    )  # fmt: skip
    # A closed workspace's subscription is cancelled at once; until Stripe has confirmed it, a task tries again.
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    livemode = models.BooleanField(default=False)
    synced_at = models.DateTimeField(default=timezone.now)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "id"]
        indexes = [
            models.Index(fields=["grace_ends_at"], condition=Q(grace_ends_at__isnull=False), name="subscriptions_late"),
            models.Index(
                fields=["cancel_requested_at"],
                condition=Q(cancel_requested_at__isnull=False),
                name="subscriptions_to_cancel",
            ),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_live(self) -> bool:
        """Whether Stripe still bills it or tries to. One of the other mode is nothing to us."""
        return self.is_of_this_mode and self.status not in self.ENDED

    @property
    def is_of_this_mode(self) -> bool:
        """Whether our key sells it: a live one with a live key, a test one with any other."""
        return bool(self.livemode == settings.STRIPE_LIVE_MODE)

    def grants(self, at: datetime | None = None) -> bool:
        """Whether the plan is to be had for it at a moment: paid, on trial, or late within the grace."""
        if self.suspended_at is not None or not self.is_of_this_mode:
            return False
        if self.status == self.Status.PAST_DUE:
            return self.grace_ends_at is not None and self.grace_ends_at > (at or timezone.now())
        return self.status in (self.Status.ACTIVE, self.Status.TRIALING)
