"""A run: what was asked for, and how far it is. The rows are the queue."""

from __future__ import annotations

import re
import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Workspace
from accounts.models.workspace import WorkspaceOwned
from backtests.models.dataset import Dataset
from moondev.lib.queue import QueueRow, QueueRows, State

# Of a name in a path; what is left is unique by the run's id.
LONGEST_FOLDER = 60


def new_id() -> str:
    """`r_` and 16 hex characters."""
    return f"r_{secrets.token_hex(8)}"


class Status(models.TextChoices):
    """What the contract calls the states of a run."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETE = "complete"
    TIMEOUT = "timeout"
    ERROR = "error"
    CANCELLED = "cancelled"


FINISHED = (Status.COMPLETE, Status.TIMEOUT, Status.ERROR, Status.CANCELLED)


class RunQuerySet(QueueRows):
    def for_workspace(self, workspace: Workspace | int) -> Any:
        return self.filter(workspace=workspace)

    def unfinished(self) -> Any:
        return self.exclude(status__in=FINISHED)


class Run(QueueRow):
    """Ideas to be tried on data sets. `state` is the queue's, `status` is what people and clients are told.

    `version` grows with every change that a page shows, so one read of one row says whether there is anything new.
    """

    id = models.CharField(primary_key=True, max_length=18, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="runs")
    name = models.CharField(max_length=80)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    key_label = models.CharField(max_length=60, blank=True, help_text="The API key that started it")
    is_shared = models.BooleanField(default=False, help_text="Members may change it")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED, editable=False)
    # cash, commission, spread, margin, exclusive_orders, trade_on_close, finalize_trades.
    settings = models.JSONField(default=dict)
    datasets = models.ManyToManyField(Dataset, related_name="runs")
    # What the customer asked for beside: optimise, revisions, grid size, budgets in tokens and USD, a seed.
    options = models.JSONField(default=dict)
    seed = models.PositiveIntegerField(default=1)
    # {"done": 2, "of": 6, "says": "…", "stage": "run", "idea": 1, "lines": [["12:00:01", "…"], …]}: the last lines.
    progress = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    # Who holds the row: a worker that comes back late has another one and can change nothing.
    claim = models.CharField(max_length=16, blank=True, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    # Of all workers together; time in the queue does not count.
    worked_seconds = models.FloatField(default=0, editable=False)
    error_code = models.CharField(max_length=40, blank=True)
    error_text = models.CharField(max_length=500, blank=True, help_text="For the customer")
    engine_version = models.CharField(max_length=40, blank=True)
    rerun_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="reruns")

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["workspace", "-created_at", "id"], name="runs_of_a_workspace"),
            models.Index(fields=["workspace", "name", "-created_at"], name="runs_of_a_name"),
            models.Index(fields=["due_at"], condition=Q(state__in=[State.WAITING, State.RUNNING]), name="runs_to_do"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED

    @property
    def is_being_repeated(self) -> bool:
        """Whether an unfinished run takes its code and its search from this one, which stays as long."""
        return bool(self.reruns.unfinished().exists())

    @property
    def folder(self) -> str:
        """The run's folder among its workspace's artefacts: its name as far as paths have it, and its id."""
        name = re.sub(r"[^A-Za-z0-9._-]+", "_", self.name).strip("._")[:LONGEST_FOLDER]
        return f"{name or 'run'}-{self.pk}"

    def close(self, status: Status, code: str = "", text: str = "") -> None:
        """What was begun and not ended, ends with the run: ideas have its end, a step says what stopped it."""
        at = timezone.now()
        self.ideas.exclude(status__in=FINISHED).update(status=status, error_code=code[:40], error_text=text[:500])
        open_steps = self.stages.filter(state=StageState.RUNNING)
        said = text[:500] or f"The run was {status.label.lower()}."
        open_steps.update(state=StageState.FAILED, error_code=code[:40] or status, error_text=said, finished_at=at)

    def _settle(self, **values: Any) -> bool:
        # The heartbeat moves the lease all the time, so the fence is who claimed the row.
        return self._store(Run.objects.filter(pk=self.pk, state=State.RUNNING, claim=self.claim), values)


class RunDay(models.Model):
    """How many runs a workspace started on a day (UTC). Deleting a run gives none back."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    runs = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "day"], name="one_count_of_runs_per_day")]

    def __str__(self) -> str:
        return f"{self.runs} runs on {self.day}"


class Idea(models.Model):
    """One line of a run's ideas: words, a link, or code."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="ideas")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="ideas")
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    # words, link, code or specification.
    kind = models.CharField(max_length=14, default="words")
    # Edits of the drafter's parameters that the customer made in the form before the run.
    edits = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    error_code = models.CharField(max_length=40, blank=True)
    error_text = models.CharField(max_length=500, blank=True)

    objects = WorkspaceOwned.as_manager()

    class Meta:
        ordering = ["run", "position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_idea_per_place")]

    def __str__(self) -> str:
        return self.text[:60]


class StageState(models.TextChoices):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class Stage(models.Model):
    """One step of one idea, with what went in and what came out. A repeat of a step is a row of its own.

    A worker that takes over a run begins after the last step that is done.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="stages")
    idea = models.ForeignKey(Idea, null=True, on_delete=models.CASCADE, related_name="stages")
    # intake, research, draft, check, run, debug, datasets, optimise, judge.
    name = models.CharField(max_length=12)
    number = models.PositiveSmallIntegerField(default=1, help_text="Counts repeats of the step")
    state = models.CharField(max_length=10, choices=StageState.choices, default=StageState.RUNNING)
    given = models.JSONField(default=dict)
    made = models.JSONField(default=dict)
    log = models.TextField(blank=True, help_text="Capped")
    error_code = models.CharField(max_length=40, blank=True)
    error_text = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["idea", "name", "number"], name="one_stage_per_number")]

    def __str__(self) -> str:
        return f"{self.name} {self.number} of {self.idea_id}"
