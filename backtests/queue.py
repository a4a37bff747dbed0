"""Which run is next. Fair over workspaces: who has the fewest running comes first, then who has waited longest."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Min, Q
from django.db.models.functions import Coalesce

from backtests.models import Run, Status
from backtests.models.run import RunQuerySet
from billing import limits
from moondev.lib.clock import now
from moondev.lib.queue import State

# A worker's heartbeat moves the end; a killed one's run is free after it.
LEASE = timedelta(seconds=settings.BACKTEST_LEASE_SECONDS)
# Any number that no other part of the product takes.
LOCK = 0x6274657374


def claim() -> Run | None:
    """Take the next run that may start: its workspace is open and has fewer running than its plan allows.

    None when there is nothing to do now.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # Two claims at once would not see one another's run, and go beyond a plan's number together.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        moment = now()
        for workspace_id in _in_turn(moment):
            rows = _free(moment).filter(workspace=workspace_id).order_by("due_at", "pk")
            # Somebody may be cancelling it.
            if found := rows.select_for_update(skip_locked=True, of=("self",)).first():
                return _take(found, moment)
    return None


def _in_turn(moment: datetime) -> Iterator[int]:
    """Workspaces with a due run and room for it, in their order."""
    waiting = dict(_free(moment).order_by().values_list("workspace").annotate(oldest=Min("due_at")))
    held = Run.objects.filter(state=State.RUNNING, lease_until__gt=moment, workspace__in=waiting)
    running = dict(held.order_by().values_list("workspace").annotate(count=Count("pk")))
    for workspace_id in sorted(waiting, key=lambda pk: (running.get(pk, 0), waiting[pk], pk)):
        if running.get(workspace_id, 0) < limits.terms_of(workspace_id).concurrent_runs:
            yield workspace_id


def _free(moment: datetime) -> RunQuerySet:
    """Due runs. Those of a closed workspace rest, but for one that is to be cancelled and whose worker has died."""
    return Run.objects.due(moment).filter(Q(workspace__closed_at=None) | Q(cancel_requested_at__isnull=False))


def _take(run: Run, moment: datetime) -> Run:
    values = {
        "state": State.RUNNING,
        "status": Status.RUNNING,
        "attempts": F("attempts") + 1,
        "lease_until": moment + LEASE,
        "claim": secrets.token_hex(8),
        "started_at": Coalesce(F("started_at"), moment),
        "version": F("version") + 1,
    }
    Run.objects.filter(pk=run.pk).update(**values)
    taken: Run = Run.objects.select_related("workspace", "rerun_of").get(pk=run.pk)
    return taken
