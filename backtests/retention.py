"""How long runs are kept: so many days as the workspace's plan has."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import transaction

from accounts.models import Workspace
from backtests.ending import remove
from backtests.models import Run, RunDay
from billing import limits
from moondev.lib.clock import now
from moondev.lib.queue import State

# Counts of former days decide nothing; a few are kept for whoever asks how much was run.
DAYS_OF_COUNTS = 90
log = structlog.get_logger(__name__)


def prune() -> int:
    """Delete finished runs that are too old, with their results and files; returns how many.

    One that cannot be deleted is logged and tried again the next day; it does not keep the others.
    """
    RunDay.objects.filter(day__lt=now().date() - timedelta(days=DAYS_OF_COUNTS)).delete()
    return sum(_prune(workspace) for workspace in Workspace.objects.filter(runs__isnull=False).distinct())


def _prune(workspace: Workspace) -> int:
    days = limits.terms_of(workspace).run_retention_days
    if days is None:
        return 0
    old = Run.objects.for_workspace(workspace).filter(finished_at__lt=now() - timedelta(days=days))
    return sum(_remove(run_id) for run_id in list(old.values_list("pk", flat=True)))


def _remove(run_id: str) -> int:
    try:
        with transaction.atomic():
            rows = Run.objects.select_for_update(of=("self",), skip_locked=True).select_related("workspace")
            run = rows.filter(pk=run_id).exclude(state=State.RUNNING).first()
            if run is None or run.is_being_repeated:
                return 0
            remove(run)
            return 1
    except Exception:
        log.exception("an old run could not be deleted", run=run_id)
        return 0
