"""Background work of backtests. Every task may be lost, doubled or run beside itself: beat sends it again.

Every worker knows these tasks, and only those of the queue `backtests` do them: engine and grammar, a second of
imports, are loaded by those alone.
"""

from __future__ import annotations

from celery import shared_task

from backtests import retention


# No retry: a run keeps its own count of tries, and beat comes every 5 s. Acknowledged at once: the row is the work, and
# a message that is held for the whole of a run would be sent again.
@shared_task(acks_late=False)
def work() -> None:
    """Work on the runs that are due, in the sandbox. Only workers of the queue `backtests` take this."""
    from backtests import work as runs

    runs.work()


# No retry: an upload keeps its own count of tries.
@shared_task(acks_late=False)
def read_uploads() -> None:
    """Read the files of bars that customers have brought, in the sandbox."""
    from backtests.datasets import uploads

    uploads.work()


# No retry: beat comes every day.
@shared_task
def prune() -> None:
    """Delete runs that are older than their workspace's plan keeps them."""
    retention.prune()
