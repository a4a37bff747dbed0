"""Sends the wake-ups that apps ask for to the workers, without keeping anybody waiting."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import structlog
from django.dispatch import receiver

from billing.signals import work_waiting

# Seconds after which a wake-up is worth nothing: beat has started the task by then.
EXPIRES = 10
# Seconds between messages: a burst of events needs no message for each of them.
PAUSE = 0.05
log = structlog.get_logger(__name__)


class Waker:
    """One thread per process, from the first wake-up on; a task that was asked for many times is sent once."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._wanted: set[str] = set()
        self._thread: threading.Thread | None = None

    def ask(self, task: str) -> None:
        """Let a task be started soon. Lost when the process ends before that, and then beat starts it."""
        with self._news:
            self._wanted.add(task)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="waker", daemon=True)
                self._thread.start()
            self._news.notify()

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._wanted)
                tasks, self._wanted = self._wanted, set()
            for task in tasks:
                send(task)
            time.sleep(PAUSE)


def send(task: str) -> None:
    """Put one message on the queue. Not repeated: beat sees to what a lost one would have started."""
    # Loaded by the first wake-up: most processes send none, and Celery would be a tenth of their start.
    from kombu.exceptions import OperationalError

    from moondev.celery import app

    try:
        app.send_task(task, expires=EXPIRES, retry=False)
    except OperationalError as error:
        log.warning("the queue is away, so beat has to start a task", waiting=task, kind=type(error).__name__)


waker = Waker()


@receiver(work_waiting)
def wake(*, task: str, **_: Any) -> None:
    """An app has work for a task."""
    waker.ask(task)


def _begin_anew() -> None:
    """After a fork: the thread and its lock are the parent's."""
    global waker
    waker = Waker()


os.register_at_fork(after_in_child=_begin_anew)
