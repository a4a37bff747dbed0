"""Background work of alerts. Every task may be lost, doubled or run beside itself: beat sends it again."""

from __future__ import annotations

from celery import shared_task

from alerts import evaluate
from moondev.lib.clock import now


# No retry: the next round is 5 s away and takes in whoever this one missed.
@shared_task
def tick() -> None:
    """Look at every alert that is due."""
    evaluate.tick(now())
