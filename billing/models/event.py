"""What Stripe told us: one row an event, and the rows are the queue."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from moondev.lib.queue import QueueRow, QueueRows, State


class StripeEvent(QueueRow):
    """A verified event. Its id is Stripe's, so that a repeat finds the row there."""

    id = models.CharField("Stripe event", primary_key=True, max_length=100, help_text="evt_…")
    type = models.CharField(max_length=100, db_index=True)
    object_id = models.CharField("about", max_length=255, blank=True, db_index=True)
    customer_id = models.CharField("Stripe customer", max_length=100, blank=True, db_index=True)
    created_at = models.DateTimeField(help_text="When it happened, by Stripe's clock")
    received_at = models.DateTimeField(default=timezone.now)
    livemode = models.BooleanField()
    payload = models.JSONField(help_text="The event as Stripe sent it")

    objects = QueueRows.as_manager()

    class Meta:
        verbose_name = "Stripe event"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=[State.WAITING, State.RUNNING]), name="stripe_events_to_do"
            ),
            models.Index(fields=["finished_at"], condition=Q(state=State.PARKED), name="stripe_events_parked"),
            models.Index(fields=["-created_at"], name="stripe_events_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"
