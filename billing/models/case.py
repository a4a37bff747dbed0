"""What a member of staff has to look at, because no rule decides it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Workspace


class Case(models.Model):
    """A thing for staff to decide. One open case a kind and reference; it is closed with a note, never deleted."""

    class Kind(models.TextChoices):
        DISPUTE = "dispute", "Open dispute"
        PARTIAL_REFUND = "partial_refund", "Partial refund"
        UNKNOWN_PRICE = "unknown_price", "Unknown price"
        SECOND_SUBSCRIPTION = "second_subscription", "Second subscription"
        WRONG_MODE = "wrong_mode", "Event of the wrong mode"
        DRIFT = "drift", "Stripe and we disagree"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    reference = models.CharField(max_length=100, help_text="The id in Stripe that it is about")
    workspace = models.ForeignKey(
        Workspace, null=True, blank=True, on_delete=models.SET_NULL, related_name="billing_cases"
    )
    detail = models.CharField(max_length=500)
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "billing case"
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "reference"], condition=Q(closed_at=None), name="one_open_case_per_reference"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reference}"
