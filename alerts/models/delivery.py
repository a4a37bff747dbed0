"""Messages that are owed. The rows are the queue; every attempt is kept for the customer to see."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Workspace
from alerts.models.destination import Destination
from alerts.models.event import Event
from moondev.lib.queue import QueueRow, QueueRows, State


class Delivery(QueueRow):
    """One event to one destination, at least once. Its id goes with the message, so that a repeat can be recognised."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    destination = models.ForeignKey(
        Destination, null=True, blank=True, on_delete=models.CASCADE, related_name="deliveries", db_index=False,
        help_text="Empty: the operator's channel or the owner's address, by `fallback`",
    )  # fmt: skip
    fallback = models.CharField(max_length=10, blank=True, help_text="operator or owner")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Where the message is, so that the end of an excursion edits it: the channel's own id, the embed's place in it and
    # the embed as it was posted.
    message_id = models.CharField(max_length=64, blank=True, editable=False)
    place = models.PositiveSmallIntegerField(default=0, editable=False)
    shown = models.JSONField(null=True, editable=False)
    # It was refused together with others, so it is tried alone: one of them must not hold up the rest.
    is_alone = models.BooleanField(default=False, editable=False)
    # Set before the request and taken away when its answer is stored: whoever finds it set knows nothing of the answer.
    posting_since = models.DateTimeField(null=True, editable=False)
    # The process ended between the other side's taking it and our knowing: the message may be there twice.
    may_repeat = models.BooleanField(default=False, editable=False)

    objects = QueueRows.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=[State.WAITING, State.RUNNING]), name="deliveries_to_do"
            ),
            models.Index(fields=["destination", "-created_at"], name="deliveries_of_a_place"),
            models.Index(fields=["destination", "message_id"], name="deliveries_of_a_message"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "destination"],
                condition=Q(destination__isnull=False),
                name="one_delivery_per_event_and_place",
            ),
            models.UniqueConstraint(
                fields=["event", "fallback"], condition=~Q(fallback=""), name="one_fallback_delivery_per_event"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.destination or self.fallback}"


class Remnant(models.Model):
    """What a deleted alert left in a message that other alerts are in: their changes of it leave this as it is."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    # The message, and the embed's place in it, as deliveries have them.
    destination = models.ForeignKey(Destination, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    fallback = models.CharField(max_length=10, blank=True)
    message_id = models.CharField(max_length=64)
    place = models.PositiveSmallIntegerField()
    shown = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["message_id"], name="remnants_of_a_message")]

    def __str__(self) -> str:
        return f"{self.place} of {self.message_id}"


class Pause(models.Model):
    """Nothing is sent by a whole channel, or to the operator's own place, before a moment: the other side said so."""

    name = models.CharField(max_length=20, unique=True, help_text="A channel's kind, or operator")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} until {self.until:%Y-%m-%d %H:%M:%S}"


class Attempt(models.Model):
    """One try to send a delivery, and what the other side said."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField(default=timezone.now)
    succeeded = models.BooleanField()
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status; empty where there was no answer")
    said = models.CharField(max_length=500, blank=True, help_text="The answer or the failure, without secrets")
    took_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.delivery_id}: {'sent' if self.succeeded else self.said}"
