"""What is known about a feed without looking at its rows."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class FeedState(models.Model):
    """One row per source and feed, moved in the transaction that changes the feed's rows.

    `version` and `last_id` together name the feed's exact content: every row with a higher id came later.
    """

    source = models.CharField(max_length=20)
    feed = models.CharField(max_length=40)
    version = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    last_id = models.BigIntegerField(default=0)
    oldest = models.DateTimeField(null=True)
    newest = models.DateTimeField(null=True)
    has_history = models.BooleanField(default=False, help_text="What lies before the first read was read too")
    digest = models.CharField(max_length=32, blank=True, help_text="Of a list's whole content")
    changed_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, help_text="When the source was last read without a failure")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "feed"], name="one_state_per_feed")]

    def __str__(self) -> str:
        return f"{self.feed} of {self.source}"
