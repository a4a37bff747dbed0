"""Folders: results that somebody put together."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Workspace
from accounts.models.workspace import WorkspaceOwned
from backtests.models.result import Result


class Folder(models.Model):
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="folders")
    name = models.CharField(max_length=60)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_shared = models.BooleanField(default=True, help_text="Members may change it")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WorkspaceOwned.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_folder_per_name")]

    def __str__(self) -> str:
        return self.name


class FolderEntry(models.Model):
    """A result in a folder, once."""

    folder = models.ForeignKey(Folder, on_delete=models.CASCADE, related_name="entries")
    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="entries")
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["added_at", "id"]
        verbose_name_plural = "folder entries"
        constraints = [models.UniqueConstraint(fields=["folder", "result"], name="one_entry_per_result")]

    def __str__(self) -> str:
        return f"{self.result} in {self.folder}"
