"""A workspace's right to a plan for a time. Rows are ended, never deleted."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Workspace
from accounts.models.workspace import WorkspaceOwned
from billing.models.plan import Plan
from billing.models.subscription import Subscription, not_of_other_mode
from billing.terms import FREE


class EntitlementQuerySet(WorkspaceOwned):
    """Grants of plans, of one workspace or of many."""

    def in_force(self, at: datetime | None = None) -> EntitlementQuerySet:
        """Rows that grant something at this moment, strongest plan first; of one plan the most, then the longest."""
        moment = at or timezone.now()
        return self.not_over(moment).of_this_mode().filter(starts_at__lte=moment)

    def of_this_mode(self) -> EntitlementQuerySet:
        """Without what subscriptions of the other mode give."""
        rows: EntitlementQuerySet = self.filter(not_of_other_mode())
        return rows

    def not_over(self, at: datetime | None = None) -> EntitlementQuerySet:
        """Rows that grant something now or later, strongest plan first; of one plan the most, then the longest."""
        moment = at or timezone.now()
        rows: EntitlementQuerySet = self.filter(Q(ends_at=None) | Q(ends_at__gt=moment), revoked_at=None)
        return rows.order_by("-plan__rank", "-quantity", F("ends_at").desc(nulls_first=True), "id")


class Entitlement(models.Model):
    """A workspace's right to a plan for a time, and why it has it. Without one a workspace is on free."""

    class Source(models.TextChoices):
        STAFF = "staff"
        STRIPE = "stripe"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="entitlements")
    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="entitlements", limit_choices_to=~Q(name=FREE)
    )
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.STAFF, editable=False)
    subscription = models.ForeignKey(
        Subscription, null=True, blank=True, on_delete=models.CASCADE, related_name="entitlements", editable=False
    )
    quantity = models.PositiveIntegerField(
        default=1, editable=False, help_text="Of the plan's price; seats are multiplied by it"
    )
    reason = models.CharField(max_length=200, help_text="Why the workspace has this plan; kept in the audit log")
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(
        null=True, blank=True, help_text="From this moment on the workspace has the best of its other grants, or free"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = EntitlementQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            # What every check asks: the rows of one workspace that nobody ended.
            models.Index(fields=["workspace"], condition=Q(revoked_at=None), name="grants_not_revoked"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="an_entitlement_ends_after_it_starts",
                violation_error_message="The end must be later than the start.",
            ),
            models.CheckConstraint(
                condition=~Q(source="staff") | Q(ends_at__isnull=False),
                name="a_staff_grant_has_an_end",
                violation_error_message="A grant by staff needs an end date.",
            ),
            models.CheckConstraint(
                condition=~Q(plan=FREE),
                name="free_is_never_granted",
                violation_error_message="Free is what a workspace has without a grant; end its grants instead.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="an_entitlement_has_a_reason",
                violation_error_message="Say why the workspace gets this plan.",
            ),
            models.CheckConstraint(condition=Q(source__in=["staff", "stripe"]), name="an_entitlement_has_a_source"),
            models.CheckConstraint(
                condition=Q(source="staff", subscription=None) | Q(source="stripe", subscription__isnull=False),
                name="a_paid_entitlement_has_a_subscription",
            ),
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(subscription__isnull=False, revoked_at=None),
                name="one_running_entitlement_per_subscription",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} for {self.workspace}"

    def is_in_force(self, at: datetime | None = None) -> bool:
        """Whether this row alone grants its plan at a moment."""
        moment = at or timezone.now()
        return self.starts_at <= moment and not self.is_over(moment)

    def is_over(self, at: datetime | None = None) -> bool:
        """Whether this row grants nothing any more."""
        moment = at or timezone.now()
        return self.revoked_at is not None or (self.ends_at is not None and self.ends_at <= moment)
