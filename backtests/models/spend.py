"""What calls of language models cost."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Workspace
from accounts.models.workspace import WorkspaceOwned
from backtests.models.run import Idea, Run


class Spend(models.Model):
    """One call: tokens that went in and came out, and their price in millionths of a USD.

    Until the answer is there, what it may cost at most. A call that was broken off keeps that: it may be billed.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="spends")
    idea = models.ForeignKey(Idea, null=True, on_delete=models.SET_NULL, related_name="+")
    stage = models.CharField(max_length=12)
    model = models.CharField(max_length=80)
    tokens_in = models.PositiveIntegerField()
    tokens_out = models.PositiveIntegerField()
    micro_usd = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When the answer said what it cost")

    objects = WorkspaceOwned.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["workspace", "at"], name="spends_of_a_workspace")]
        constraints = [models.CheckConstraint(condition=Q(micro_usd__gte=0), name="a_spend_costs_nothing_or_more")]

    def __str__(self) -> str:
        return f"{self.model}: {self.tokens_in} + {self.tokens_out}"
