"""What keys were used for: batches as processes write them, and the hourly rows they fold into."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone

from accounts.models import Workspace


class UsageBatch(models.Model):
    """What one process counted in about a second. Written once by its id, folded once, pruned later.

    `counts` is a list of [workspace_id, key_id or 0, endpoint, status class, hour (epoch s), requests].
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now, help_text="When the process cut it, not when it arrived")
    counts = models.JSONField()
    folded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "usage batches"
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(folded_at=None), name="unfolded_batches"),
            models.Index(fields=["folded_at"], condition=models.Q(folded_at__isnull=False), name="folded_batches"),
        ]

    def __str__(self) -> str:
        return f"batch {self.id}"


class UsageQuerySet(models.QuerySet["Usage"]):
    def for_workspace(self, workspace: Workspace | int) -> UsageQuerySet:
        """Rows of one tenant. There is no foreign key to follow: totals outlive the workspace."""
        return self.filter(workspace_id=workspace.pk if isinstance(workspace, Workspace) else workspace)

    def since(self, moment: datetime) -> UsageQuerySet:
        """Rows of the hours that begin at or after a moment."""
        return self.filter(hour__gte=moment)


class Usage(models.Model):
    """Requests of one key (or a session: key_id 0) to one endpoint in one hour, by status class.

    No foreign keys: totals stay when a key or a workspace is gone. Partitioned by month in the database.
    """

    hour = models.DateTimeField(db_index=True)
    workspace_id = models.BigIntegerField()
    key_id = models.BigIntegerField(default=0)
    endpoint = models.CharField(max_length=120)
    status_class = models.PositiveSmallIntegerField(help_text="2 for 2xx … 5 for 5xx")
    requests = models.PositiveBigIntegerField()

    objects = UsageQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "usage"
        # The workspace comes first: nearly every reader asks for one workspace and a span of hours.
        constraints = [
            models.UniqueConstraint(
                fields=["workspace_id", "hour", "key_id", "endpoint", "status_class"], name="one_usage_row_per_hour"
            )
        ]
        ordering = ["-hour"]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.hour:%Y-%m-%d %H}:00"
