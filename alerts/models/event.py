"""What an alert has to say: one row a firing, an end of it, or a test."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from alerts.models.alert import Alert


class Event(models.Model):
    """An event is unique: of one excursion an alert fires once and resolves once, however many workers look at it."""

    class Kind(models.TextChoices):
        FIRED = "fired"
        RESOLVED = "resolved"
        NO_DATA = "no_data"
        TEST = "test"

    # Its index is the one below.
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="events", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    excursion = models.PositiveIntegerField(help_text="Counts an alert's firings; a test has a number of its own")
    at = models.DateTimeField(default=timezone.now)
    value = models.FloatField(null=True)
    threshold = models.FloatField()
    window_minutes = models.PositiveIntegerField()
    symbol = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=20, help_text="Where the numbers come from")
    is_simulated = models.BooleanField(default=False)
    # Snoozed, muted or in quiet hours: it happened, and nothing is sent.
    silenced_because = models.CharField(max_length=40, blank=True)
    facts = models.JSONField(default=dict, blank=True, help_text="What the kind has to tell besides")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["alert", "-at", "-id"], name="events_of_an_alert")]
        constraints = [
            models.UniqueConstraint(fields=["alert", "kind", "excursion"], name="one_event_per_excursion"),
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} {self.kind} #{self.excursion}"
