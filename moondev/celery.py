"""The Celery application and the whole beat schedule."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moondev.settings")

app = Celery("moondev")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    accept_content=["json"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    timezone="UTC",
)
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "fold usage": {"task": "gateway.tasks.fold_usage", "schedule": 2.0, "options": {"expires": 10}},
    "take in market data": {"task": "marketdata.tasks.ingest", "schedule": 5.0, "options": {"expires": 10}},
    "erase closed workspaces": {"task": "accounts.tasks.erase_closed_workspaces", "schedule": 3600.0},
}
