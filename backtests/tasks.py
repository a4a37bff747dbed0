"""Background work of backtests. Every task may be lost, doubled or run beside itself: beat sends it again."""

from __future__ import annotations

from celery import shared_task

from backtests import retention
from backtests import work as runs
from backtests.datasets import uploads


# No retry: a run keeps its own count of tries, and beat comes every 5 s. Acknowledged at once: the row is the work, and
# a message that is held for the whole of a run would be sent again.
@shared_task(acks_late=False)
def work() -> None:
    """Work on the runs that are due, in the sandbox. Only workers of the queue `backtests` take this."""
    runs.work()


# No retry: an upload keeps its own count of tries.
@shared_task(acks_late=False)
def read_uploads() -> None:
    """Read the files of bars that customers have brought, in the sandbox."""
    uploads.work()


# No retry: beat comes every day.
@shared_task
def prune() -> None:
    """Delete runs that are older than their workspace's plan keeps them."""
    retention.prune()
