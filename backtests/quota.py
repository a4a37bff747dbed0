"""How many runs a workspace may start today. Exact under any number at once: the caller locks the workspace's row."""

from __future__ import annotations

from django.db.models import F

from accounts.models import Workspace
from backtests.models import RunDay
from billing import limits
from moondev.lib.clock import now


def take_one(workspace: Workspace) -> None:
    """Count one more run of today (UTC). Raises QuotaExhausted. The workspace's row is locked by the caller."""
    day, _ = RunDay.objects.get_or_create(workspace=workspace, day=now().date())
    limits.check(workspace, "backtest_runs_per_day", used=day.runs)
    RunDay.objects.filter(pk=day.pk).update(runs=F("runs") + 1)


def used_today(workspace: Workspace | int) -> int:
    """Runs that were started today (UTC), deleted ones included."""
    found = RunDay.objects.filter(workspace=workspace, day=now().date()).values_list("runs", flat=True).first()
    return found or 0
