"""What we answered to a POST with an Idempotency-Key, so that a repeat gets the same answer and nothing twice."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class StoredAnswer(models.Model):
    """An answer by who asked and their key. `status` is empty while the first request is still at work."""

    asker = models.CharField(max_length=80, help_text="Workspace or address")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of call and body")
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asker", "key"], name="one_answer_per_idempotency_key")]

    def __str__(self) -> str:
        return f"{self.asker} {self.key}"
