"""Wakes a worker up after commit. Billing knows no broker: the wiring sends the message."""

from __future__ import annotations

from django.db import transaction

from billing.signals import work_waiting


def wake(task: str) -> None:
    """Let a worker start a task, named as `billing.tasks.tend`, once this transaction is committed.

    The message may be lost, and then beat starts the task; so a broker that is away fails no caller.
    """
    transaction.on_commit(lambda: work_waiting.send_robust(sender=None, task=task) and None)
