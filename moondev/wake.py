"""Sends the wake-ups that apps ask for to the workers."""

from __future__ import annotations

import time
from typing import Any

import structlog
from django.dispatch import receiver

from billing.signals import work_waiting

# Seconds after which a wake-up is worth nothing: beat has started the task by then.
EXPIRES = 10
# Seconds of silence after a failure: requests must not wait for a broker one after the other.
SILENCE = 10
log = structlog.get_logger(__name__)
_silent_until = 0.0


@receiver(work_waiting)
def send(*, task: str, **_: Any) -> None:
    """Put one message on the queue. Not repeated: beat sees to what a lost one would have started."""
    if time.monotonic() < _silent_until:
        return
    # Loaded by the first wake-up: most processes send none, and Celery would be a tenth of their start.
    from kombu.exceptions import OperationalError

    from moondev.celery import app

    try:
        app.send_task(task, expires=EXPIRES, retry=False)
    except OperationalError as error:
        _be_silent()
        log.warning("the queue is away, so beat has to start a task", waiting=task, kind=type(error).__name__)


def _be_silent() -> None:
    global _silent_until
    _silent_until = time.monotonic() + SILENCE
