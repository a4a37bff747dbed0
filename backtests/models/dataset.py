"""A data set: bars of one symbol and timeframe, with where they come from and what they hash to."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Workspace
from moondev.lib.queue import QueueRow, QueueRows, State


class Source(models.TextChoices):
    """Where bars come from."""

    BUNDLED = "bundled", "Bundled with backtesting.py"
    UPLOAD = "upload", "Uploaded"
    FETCHED = "fetched", "Fetched from an exchange"
    SIMULATED = "simulated", "Simulated"
    # Made from another data set: repaired or resampled.
    DERIVED = "derived", "Made from another data set"


class DatasetQuerySet(models.QuerySet[Any]):
    def for_workspace(self, workspace: Workspace | int) -> Any:
        """The workspace's own data sets, and those that everybody has."""
        return self.filter(Q(workspace=workspace) | Q(workspace=None), deleted_at=None)

    def ready(self) -> Any:
        """Those that may be run on: nothing wrong was found, or what was found has been accepted."""
        return self.filter(needs_decision=False)


class Dataset(models.Model):
    """Bars in one file of Django's storage; they never change. A repair or another timeframe is a row of its own."""

    workspace = models.ForeignKey(
        Workspace,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="datasets",
        help_text="Empty: everybody's",
    )
    name = models.CharField(max_length=80)
    symbol = models.CharField(max_length=40, blank=True)
    timeframe_sec = models.PositiveIntegerField(help_text="The usual distance of two bars, in seconds")
    source = models.CharField(max_length=12, choices=Source.choices)
    is_simulated = models.BooleanField(default=False)
    # Who gave the bars, from where and when: file name, exchange, what was done to the parent.
    provenance = models.JSONField(default=dict)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")
    sha256 = models.CharField(max_length=64, help_text="Of the stored file")
    path = models.CharField(max_length=200, help_text="In Django's storage")
    rows = models.PositiveIntegerField()
    first = models.DateTimeField()
    last = models.DateTimeField()
    # Beside open, high, low, close: volume, funding, open_interest, liquidations.
    columns = models.JSONField(default=list)
    # What the gate found: kinds with counts and the first rows of each.
    quality = models.JSONField(default=dict)
    needs_decision = models.BooleanField(default=False, help_text="Faults were found that nobody has accepted yet")
    accepted_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Results point here, so a deleted data set keeps its row and loses its file.
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"],
                condition=Q(deleted_at=None, workspace__isnull=False),
                name="one_dataset_per_name",
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(deleted_at=None, workspace=None), name="one_shared_dataset_per_name"
            ),
            models.CheckConstraint(condition=Q(rows__gt=0), name="a_dataset_has_bars"),
        ]

    def __str__(self) -> str:
        return self.name


class UploadRows(QueueRows):
    def for_workspace(self, workspace: Workspace | int) -> Any:
        return self.filter(workspace=workspace)


class Upload(QueueRow):
    """A customer's file on its way to a data set: a worker reads it in a sandbox. The file goes once it was read."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=80)
    symbol = models.CharField(max_length=40, blank=True)
    file_name = models.CharField(max_length=120)
    path = models.CharField(max_length=200, help_text="In Django's storage")
    size = models.PositiveIntegerField(help_text="Bytes")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    dataset = models.ForeignKey(Dataset, null=True, blank=True, on_delete=models.SET_NULL, related_name="uploads")
    refused = models.CharField(max_length=500, blank=True, help_text="Why it is no data set, for the customer")

    objects = UploadRows.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=[State.WAITING, State.RUNNING]), name="uploads_to_read"
            )
        ]

    def __str__(self) -> str:
        return self.file_name
