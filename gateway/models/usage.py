"""What keys were used for: batches as processes write them, and the hourly rows they fold into."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.models.workspace import WorkspaceOwned


class UsageBatch(models.Model):
    """What one process counted in about a second. Written once by its id, folded once, pruned later.

    `counts` is a list of [workspace_id, key_id or null, endpoint, status class, hour (epoch s), requests].
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    counts = models.JSONField()
    folded_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], condition=models.Q(folded_at=None), name="unfolded_batches")]

    def __str__(self) -> str:
        return f"batch {self.id}"


class Usage(models.Model):
    """Requests of one key (or a session: key_id 0) to one endpoint in one hour, by status class.

    No foreign keys: totals stay when a key or a workspace is gone. Partitioned by hour in the database.
    """

    hour = models.DateTimeField()
    workspace_id = models.BigIntegerField()
    key_id = models.BigIntegerField(default=0)
    endpoint = models.CharField(max_length=120)
    status_class = models.PositiveSmallIntegerField(help_text="2 for 2xx … 5 for 5xx")
    requests = models.PositiveBigIntegerField()

    objects = WorkspaceOwned.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "workspace_id", "key_id", "endpoint", "status_class"], name="one_usage_row_per_hour"
            )
        ]
        ordering = ["-hour"]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.hour:%Y-%m-%d %H}:00"
