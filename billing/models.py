"""What was paid: plans as rows, and which workspace holds which until when."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Workspace
from accounts.models.workspace import WorkspaceOwned
from billing.terms import FEATURES, FORMATS, Terms


def _count(text: str, *, maximum: int, minimum: int = 0) -> models.PositiveIntegerField[int, int]:
    return models.PositiveIntegerField(
        validators=[MinValueValidator(minimum), MaxValueValidator(maximum)], help_text=text
    )


class Plan(models.Model):
    """One plan. Staff edit the numbers; every process holds the new ones within a second."""

    name = models.SlugField(primary_key=True, max_length=20, help_text="The plan's name in the API. Never changes")
    rank = models.PositiveSmallIntegerField(unique=True, help_text="A higher rank includes all lower plans' features")
    title = models.CharField(max_length=40)
    description = models.CharField(max_length=200, blank=True)
    requests_per_minute = _count("Requests a minute, shared by all keys of a workspace", minimum=1, maximum=1_000_000)
    alerts = _count("Alerts that a workspace may own", maximum=100_000)
    alert_poll_seconds = _count("Seconds between two evaluations of an alert", minimum=5, maximum=86_400)
    backtest_runs_per_day = _count("Backtest runs started a day (UTC)", maximum=100_000)
    concurrent_runs = _count("Backtest runs at the same time", minimum=1, maximum=1_000)
    workspaces = _count("Workspaces that one person may own on this plan", minimum=1, maximum=10_000)
    seats = _count("Members of a workspace, the owner included", minimum=1, maximum=100_000)
    history_days = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(36_500)],
        help_text="Days of market data, counted back from a feed's newest row. Empty: all of it",
    )
    formats = ArrayField(
        models.CharField(max_length=10, choices=[(name, name) for name in FORMATS]),
        help_text="Formats in which files are served",
    )
    features = ArrayField(
        models.CharField(max_length=10, choices=[(name, name) for name in FEATURES]),
        blank=True,
        help_text="Licensed agents that the plan unlocks",
    )
    machines_per_agent = _count("Machines on which one agent may run at a time", minimum=1, maximum=100_000)
    run_retention_days = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(36_500)],
        help_text="Days for which backtest runs are kept. Empty: for ever",
    )
    price_month_cents = _count("Monthly price in US cents", maximum=100_000_000)
    price_year_cents = _count("Yearly price in US cents", maximum=1_000_000_000)
    price_id_month = models.CharField(max_length=100, blank=True, help_text="Stripe's id of the monthly price")
    price_id_year = models.CharField(max_length=100, blank=True, help_text="Stripe's id of the yearly price")

    class Meta:
        ordering = ["rank"]

    def __str__(self) -> str:
        return self.title

    def terms(self) -> Terms:
        """The numbers, frozen, as every other app reads them."""
        return Terms(
            plan=self.name,
            rank=self.rank,
            requests_per_minute=self.requests_per_minute,
            alerts=self.alerts,
            alert_poll_seconds=self.alert_poll_seconds,
            backtest_runs_per_day=self.backtest_runs_per_day,
            concurrent_runs=self.concurrent_runs,
            workspaces=self.workspaces,
            seats=self.seats,
            history_days=self.history_days,
            formats=tuple(self.formats),
            features=tuple(self.features),
            machines_per_agent=self.machines_per_agent,
            run_retention_days=self.run_retention_days,
        )


class EntitlementQuerySet(WorkspaceOwned):
    def in_force(self) -> EntitlementQuerySet:
        """Rows that grant something at this moment, strongest plan first."""
        now = timezone.now()
        return self.filter(
            Q(ends_at=None) | Q(ends_at__gt=now), revoked_at=None, starts_at__lte=now
        ).order_by("-plan__rank", "-ends_at")


class Entitlement(models.Model):
    """A workspace's right to a plan for a time, and why it has it. Without one a workspace is on free."""

    class Source(models.TextChoices):
        STAFF = "staff"
        STRIPE = "stripe"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="entitlements")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="entitlements")
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.STAFF, editable=False)
    reason = models.CharField(max_length=200, help_text="Why the workspace has this plan; shown in the audit log")
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(
        null=True, blank=True, help_text="The plan falls back to the next lower grant at this moment"
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = EntitlementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=models.F("starts_at")), name="an_entitlement_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=~Q(source="staff") | Q(ends_at__isnull=False), name="a_staff_grant_has_an_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} for {self.workspace}"
