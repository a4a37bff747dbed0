"""An alert: what is watched, how, and in which state it is."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Workspace
from accounts.models.workspace import WorkspaceOwned
from alerts.models.destination import Destination

SHORTEST_WINDOW, LONGEST_WINDOW = 1, 7 * 24 * 60


def new_id() -> str:
    """`a_` and 16 hex characters, as the first generation had them."""
    return f"a_{secrets.token_hex(8)}"


class Kind(models.TextChoices):
    """What is measured. Each kind is a module of `alerts.rules`."""

    LIQUIDATION_SPIKE = "liquidation_spike", "Liquidation spike"
    FUNDING_EXTREME = "funding_extreme", "Funding extreme"
    WHALE_ACTIVITY = "whale_activity", "Whale activity"
    OPEN_INTEREST_CHANGE = "open_interest_change", "Open interest change"
    PRICE_MOVE = "price_move", "Price move"
    COPYBOT_TRADE = "copybot_trade", "Copybot trade"


class Direction(models.TextChoices):
    """Which side counts, for the kinds that have one."""

    BOTH = "both", "Both"
    LONG = "long", "Longs, or up"
    SHORT = "short", "Shorts, or down"


class Phase(models.TextChoices):
    """Where an alert stands: normal -> pending -> firing -> recovering -> normal; no_data and error beside."""

    NORMAL = "normal"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    NO_DATA = "no_data"
    ERROR = "error"


class AlertQuerySet(WorkspaceOwned):
    def running(self) -> AlertQuerySet:
        """Alerts that are evaluated: switched on, within the plan's number, of an open workspace."""
        rows: AlertQuerySet = self.filter(enabled=True, over_plan=False, workspace__closed_at=None)
        return rows


class AlertManager(models.Manager["Alert"]):
    """The alerts that there are. One that was deleted while it fired is in `everything` until its end is told."""

    def get_queryset(self) -> models.QuerySet[Alert]:
        return super().get_queryset().filter(deleted_at=None)


class Alert(models.Model):
    """One alert of a workspace. Evaluation writes the state only when it changes."""

    id = models.CharField(primary_key=True, max_length=18, default=new_id, editable=False)
    # Its index is the first one below.
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="alerts", db_index=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_shared = models.BooleanField(default=True, help_text="Members may change it")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    kind = models.CharField(max_length=24, choices=Kind.choices)
    description = models.CharField(max_length=200, blank=True)
    symbol = models.CharField(max_length=40, blank=True, help_text="As the feed writes it; empty: all of them")
    direction = models.CharField(max_length=5, choices=Direction.choices, default=Direction.BOTH)
    threshold = models.FloatField()
    recovery_threshold = models.FloatField(null=True, blank=True, help_text="Empty: the threshold")
    window_minutes = models.PositiveIntegerField(default=15)
    for_minutes = models.PositiveIntegerField(default=0, help_text="How long it must hold before the alert fires")
    cooldown_minutes = models.PositiveIntegerField(default=15, help_text="The least time between two firings")
    quiet_from = models.TimeField(null=True, blank=True, help_text="In the time zone below; nothing is sent then")
    quiet_until = models.TimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    snoozed_until = models.DateTimeField(null=True, blank=True)
    enabled = models.BooleanField(default=True)
    over_plan = models.BooleanField(default=False, editable=False, help_text="Paused: the plan has fewer alerts now")
    template = models.TextField(blank=True, max_length=1000, help_text="Empty: the kind's own words")
    destinations = models.ManyToManyField(Destination, blank=True, related_name="alerts")
    # The state.
    phase = models.CharField(max_length=10, choices=Phase.choices, default=Phase.NORMAL, editable=False)
    phase_since = models.DateTimeField(default=timezone.now, editable=False)
    value = models.FloatField(null=True, editable=False, help_text="At the last change of state")
    baseline = models.FloatField(null=True, editable=False, help_text="What a change is measured from")
    last_triggered_at = models.DateTimeField(null=True, blank=True, editable=False)
    excursion = models.PositiveIntegerField(default=0, editable=False, help_text="How often it has fired")
    is_open = models.BooleanField(default=False, editable=False, help_text="It has fired and that has not ended")

    deleted_at = models.DateTimeField(null=True, editable=False, help_text="Goes when its end has been told")

    objects = AlertManager.from_queryset(AlertQuerySet)()
    everything = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["workspace", "-created_at", "id"], name="alerts_of_a_workspace"),
            models.Index(
                fields=["kind", "symbol", "window_minutes"],
                condition=Q(enabled=True, over_plan=False),
                name="alerts_to_evaluate",
            ),
            models.Index(fields=["deleted_at"], condition=~Q(deleted_at=None), name="alerts_to_forget"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(threshold__gt=0), name="an_alert_has_a_positive_threshold"),
            models.CheckConstraint(
                condition=Q(window_minutes__gte=SHORTEST_WINDOW, window_minutes__lte=LONGEST_WINDOW),
                name="an_alert_has_a_window_of_a_minute_to_a_week",
            ),
            models.CheckConstraint(
                condition=Q(recovery_threshold=None) | Q(recovery_threshold__lte=F("threshold")),
                name="an_alert_recovers_at_or_below_its_threshold",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None) | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_both_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.description or f"{self.get_kind_display()} {self.id}"


class Transition(models.Model):
    """One change of an alert's state, and the value that brought it."""

    # Its index is the one below.
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="transitions", db_index=False)
    at = models.DateTimeField()
    before = models.CharField(max_length=10, choices=Phase.choices)
    after = models.CharField(max_length=10, choices=Phase.choices)
    value = models.FloatField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["alert", "-at", "-id"], name="transitions_of_an_alert")]

    def __str__(self) -> str:
        return f"{self.alert_id}: {self.before} to {self.after}"


class AlertSettings(models.Model):
    """What holds for all alerts of a workspace."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="alert_settings")
    muted_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Alerts of {self.workspace}"
