"""What was done, by whom, to what: written in the transaction that did it, never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models.workspace import Workspace, WorkspaceOwned


class AuditEntry(models.Model):
    """One deed. `actor_label` outlives the actor; after erasure it says "erased"."""

    at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)
    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.SET_NULL, related_name="audit_entries")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=254)
    action = models.CharField(max_length=60, db_index=True, help_text="What was done, as `key.revoked`")
    target = models.CharField(max_length=120, blank=True)
    data = models.JSONField(default=dict, blank=True)

    objects = WorkspaceOwned.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
