"""What evaluation remembers from one tick to the next."""

from __future__ import annotations

from django.db import models


class Tick(models.Model):
    """One round of evaluation. The last finished one says up to when alerts have been looked at."""

    at = models.DateTimeField(unique=True, help_text="The moment that was evaluated")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    alerts = models.PositiveIntegerField(default=0, help_text="How many were due")
    aggregates = models.PositiveIntegerField(default=0, help_text="How many values were read for them")
    events = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"


class WhaleCount(models.Model):
    """How many whale addresses there were, whenever that changed: the list itself keeps no past."""

    source = models.CharField(max_length=20)
    at = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["source", "-at"], name="whale_counts_newest")]
        constraints = [models.UniqueConstraint(fields=["source", "at"], name="one_whale_count_per_moment")]

    def __str__(self) -> str:
        return f"{self.count} at {self.at:%Y-%m-%d %H:%M:%S}"
