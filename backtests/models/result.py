"""What came of a strategy on a data set, and the ledger of everything that was tried for it."""

from __future__ import annotations

from django.db import models
from django.db.models import F
from django.utils import timezone

from accounts.models import Workspace
from accounts.models.workspace import WorkspaceOwned
from backtests.models.dataset import Dataset
from backtests.models.run import Idea, Run
from backtests.models.strategy import Strategy


class Verdict(models.TextChoices):
    """What later judges say; there are none yet."""

    NOT_JUDGED = "not judged"


class Lookahead(models.TextChoices):
    """Whether orders changed when only later bars did."""

    CLEAN = "clean"
    SUSPECT = "suspect"
    NOT_CHECKED = "not_checked", "not checked"


class Result(models.Model):
    """One strategy on one data set with one set of parameters. The columns are those that lists sort by.

    Percent columns are percent. A number that backtesting.py has none for (a ratio without trades) is null.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="results")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="results")
    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="results")
    strategy = models.ForeignKey(Strategy, on_delete=models.CASCADE, related_name="results")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="results")
    is_optimised = models.BooleanField(default=False)
    parameters = models.JSONField(default=dict)
    return_pct = models.FloatField(null=True)
    buy_hold_pct = models.FloatField(null=True)
    max_drawdown_pct = models.FloatField(null=True)
    sharpe = models.FloatField(null=True)
    sortino = models.FloatField(null=True)
    exposure_pct = models.FloatField(null=True)
    expectancy_pct = models.FloatField(null=True)
    trades = models.PositiveIntegerField(default=0)
    # backtesting.py's own numbers by their names, and ours by theirs.
    stats = models.JSONField(default=dict)
    metrics = models.JSONField(default=dict)
    # [{"code": "no_trades", "text": "…"}]: what has to be known beside the numbers.
    notes = models.JSONField(default=list)
    # What the runtime changed so that the code ran, in sentences.
    adaptations = models.JSONField(default=list)
    verdict = models.CharField(max_length=12, choices=Verdict.choices, default=Verdict.NOT_JUDGED)
    lookahead = models.CharField(max_length=12, choices=Lookahead.choices, default=Lookahead.NOT_CHECKED)
    lookahead_evidence = models.JSONField(default=list)
    # Equity, trades, orders and the log, in Django's storage: one gzipped JSON document.
    path = models.CharField(max_length=200, blank=True)
    # Of the canonical result: the same inputs and engine give the same.
    canonical_sha256 = models.CharField(max_length=64)
    engine_version = models.CharField(max_length=40)
    sandbox_level = models.CharField(max_length=20)
    seconds = models.FloatField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WorkspaceOwned.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["workspace", "-created_at", "-id"], name="results_of_a_workspace"),
            models.Index(
                F("workspace"), F("return_pct").desc(nulls_last=True), F("id").desc(), name="results_by_return"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "idea", "strategy", "dataset", "is_optimised"], name="one_result_per_trial"
            )
        ]

    def __str__(self) -> str:
        return f"{self.strategy} on {self.dataset}"


class Trial(models.Model):
    """So many things were tried for an idea: whoever judges a result must know among how many it is the best."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="trials")
    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="trials")
    # revision, dataset or cell (of a parameter grid).
    kind = models.CharField(max_length=10)
    strategy = models.ForeignKey(Strategy, null=True, on_delete=models.SET_NULL, related_name="+")
    dataset = models.ForeignKey(Dataset, null=True, on_delete=models.SET_NULL, related_name="+")
    count = models.PositiveIntegerField(default=1)
    # Cells keep what was tried and what came of it, for the map of an optimisation.
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    objects = WorkspaceOwned.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.count} of {self.kind} for {self.idea_id}"
