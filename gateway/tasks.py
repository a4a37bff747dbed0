"""Background work of the gateway. Every task may run twice or at the same time as itself without harm."""

from __future__ import annotations

from celery import shared_task

from gateway.usage import fold, partitions
from moondev.lib.clock import now


@shared_task
def fold_usage() -> None:
    """Fold counted requests into hourly rows. Beat sends it every 2 s; what one run misses, the next one takes."""
    fold.fold()


@shared_task
def prune_usage() -> None:
    """Delete batches that were folded more than an hour ago. Beat sends it every 5 minutes; no retry needed."""
    fold.prune()


@shared_task
def make_usage_partitions() -> None:
    """Make next months' partitions. Beat sends it daily, three months ahead, so failed days do no harm."""
    partitions.make_partitions(now())
