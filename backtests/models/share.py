"""Share links: a result shown to whoever has the address, until somebody takes it back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Workspace
from accounts.models.workspace import WorkspaceOwned
from backtests.models.result import Result


class Share(models.Model):
    """One link. The address carries this row's id, signed; the signature alone lets nobody in once it is revoked."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="shares")
    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="shares")
    with_code = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = WorkspaceOwned.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"Link to {self.result}"
