"""A strategy: code that never changes, and what it was made from."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Workspace
from accounts.models.workspace import WorkspaceOwned
from backtests.models.run import Idea


class Origin(models.TextChoices):
    """What wrote the code."""

    RULES = "rules", "Stated rules"
    BLUEPRINT = "blueprint", "A blueprint"
    MODEL = "model", "A language model"
    CUSTOMER = "customer", "The customer"


class Strategy(models.Model):
    """One version of an idea's strategy. A mended or improved one is the next version."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="strategies")
    idea = models.ForeignKey(Idea, null=True, on_delete=models.SET_NULL, related_name="strategies")
    version = models.PositiveSmallIntegerField(default=1)
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="children")
    name = models.CharField(max_length=80)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    specification = models.JSONField(null=True, help_text="Empty for code that was written directly")
    # What each word became and which rules were assumed; alternatives that were not taken.
    interpretation = models.JSONField(default=dict)
    code = models.TextField()
    code_sha256 = models.CharField(max_length=64)
    # "module": generated; "script": as a customer or a model wrote it, run with adapters.
    kind = models.CharField(max_length=10, default="module")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WorkspaceOwned.as_manager()

    class Meta:
        ordering = ["idea", "version"]
        verbose_name_plural = "strategies"
        constraints = [models.UniqueConstraint(fields=["idea", "version"], name="one_strategy_per_version")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"
