"""What ends a run from outside: cancelling and deleting. Knows no engine, so that every process can end runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F

from backtests import artefacts, table
from backtests.models import Run, Status, Strategy
from moondev.lib.clock import now
from moondev.lib.commit import after_commit
from moondev.lib.queue import State

# What a run says that did not come to its own end; the reason stands beside it.
LAST_WORDS: Mapping[str, str] = {
    Status.CANCELLED: "It was cancelled",
    Status.TIMEOUT: "It ran out of time",
    Status.ERROR: "It was given up",
}


def last_word(progress: Mapping[str, Any], status: Status) -> dict[str, Any]:
    """A run's progress as it stays when it ends before it is through."""
    return {**progress, "says": LAST_WORDS[status], "stage": ""}


def cancel(run: Run) -> None:
    """Stop a run that is locked and unfinished; the worker that has it looks every second."""
    moment = now()
    run.cancel_requested_at = moment
    values: dict[str, Any] = {"cancel_requested_at": moment, "version": F("version") + 1}
    is_held = run.state == State.RUNNING and run.lease_until is not None and run.lease_until > moment
    if not is_held:
        run.status, run.state, run.finished_at = Status.CANCELLED, State.DONE, moment
        run.progress = last_word(run.progress, Status.CANCELLED)
        # A new claim: a worker that was thought dead and comes back can change nothing.
        values |= {"status": run.status, "state": run.state, "finished_at": moment, "lease_until": None, "claim": ""}
        values["progress"] = run.progress
        run.close(Status.CANCELLED)
    Run.objects.filter(pk=run.pk).update(**values)


def remove(run: Run) -> None:
    """Delete a run's rows, and its files once that is committed."""
    folder, workspace = artefacts.run_folder(run), run.workspace
    Strategy.objects.filter(idea__run=run).delete()
    run.delete()
    after_commit(lambda: artefacts.delete_folder(folder))
    after_commit(lambda: table.write(workspace))
