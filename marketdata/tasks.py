"""What workers do for market data. Both tasks may be lost or doubled: the next tick does what one left."""

from __future__ import annotations

from celery import shared_task

from marketdata import live, partitions
from moondev.lib.clock import now


@shared_task
def ingest() -> None:
    """Take in what the served source has new. Not retried: the next tick is seconds away."""
    live.read_source()


@shared_task
def prepare_partitions() -> None:
    """Make the partitions of the coming months. Not retried: they are made months ahead."""
    partitions.prepare_ahead(now())
