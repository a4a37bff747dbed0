"""The Celery application and the whole beat schedule."""

from __future__ import annotations

import os
import sys
from typing import Any

import structlog
from celery import Celery, signals
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moondev.settings")

# Workers of this queue alone run customers' strategies.
BACKTESTS = "backtests"

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
    # Workers of their own: `celery -A moondev worker --queues backtests`. Others never hold foreign code's parent.
    task_routes={name: {"queue": BACKTESTS} for name in ("backtests.tasks.work", "backtests.tasks.read_uploads")},
    # Seconds: a request that wakes a worker up must not wait for a broker that hangs.
    broker_transport_options={"socket_connect_timeout": 1, "socket_timeout": 3},
)
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "fold usage": {"task": "gateway.tasks.fold_usage", "schedule": 2.0, "options": {"expires": 10}},
    "prune usage": {"task": "gateway.tasks.prune_usage", "schedule": 300.0, "options": {"expires": 300}},
    "make usage partitions": {"task": "gateway.tasks.make_usage_partitions", "schedule": 3600.0},
    "take in market data": {"task": "marketdata.tasks.ingest", "schedule": 5.0, "options": {"expires": 10}},
    "prepare partitions": {"task": "marketdata.tasks.prepare_partitions", "schedule": 86400.0},
    "process Stripe events": {"task": "billing.tasks.process_events", "schedule": 5.0, "options": {"expires": 5}},
    "prune Stripe events": {"task": "billing.tasks.prune_events", "schedule": 86400.0},
    "forget stored answers": {"task": "billing.tasks.forget_answers", "schedule": 3600.0},
    "tend subscriptions": {"task": "billing.tasks.tend", "schedule": 60.0, "options": {"expires": 60}},
    "reconcile with Stripe": {"task": "billing.tasks.reconcile", "schedule": crontab(hour="3", minute="17")},
    "send alerts": {"task": "alerts.tasks.deliver", "schedule": 5.0, "options": {"expires": 5}},
    "evaluate alerts": {"task": "alerts.tasks.tick", "schedule": 5.0, "options": {"expires": 5}},
    "fit alerts to plans": {"task": "alerts.tasks.fit_recent", "schedule": 60.0, "options": {"expires": 60}},
    "fit all alerts to plans": {"task": "alerts.tasks.fit_all", "schedule": 3600.0, "options": {"expires": 3600}},
    "work on backtests": {"task": "backtests.tasks.work", "schedule": 5.0, "options": {"expires": 5}},
    "read uploaded data sets": {"task": "backtests.tasks.read_uploads", "schedule": 5.0, "options": {"expires": 5}},
    "delete old backtests": {"task": "backtests.tasks.prune", "schedule": crontab(hour="4", minute="23")},
    "erase closed workspaces": {"task": "accounts.tasks.erase_closed_workspaces", "schedule": 3600.0},
    "forget expired sessions": {"task": "accounts.tasks.forget_expired_sessions", "schedule": 86400.0},
}


@signals.setup_logging.connect
def keep_our_logs(**kwargs: Any) -> None:
    """With a receiver here Celery leaves logging alone, so workers and beat write the same JSON lines."""


@signals.celeryd_after_setup.connect
def check_sandbox(instance: Any, **kwargs: Any) -> None:
    """A worker for backtests starts with a sandbox that is strong enough, or not at all."""
    queues = instance.app.amqp.queues
    chosen = list(queues.consume_from)
    # Once and for all: a queue to which this process sends would count as its own from then on.
    queues.select(chosen)
    if BACKTESTS in chosen:
        # Other workers need nothing of it. The engine comes with it, so that the first run does not wait for that.
        from backtests import warm, work  # noqa: F401

        warm.check()


@signals.worker_shutting_down.connect
def give_runs_back(**kwargs: Any) -> None:
    """What this worker holds goes on elsewhere at once, instead of when its lease has run out."""
    if running := sys.modules.get("backtests.hold"):
        running.stopping.set()


@signals.worker_shutdown.connect
def close_sandbox(**kwargs: Any) -> None:
    """Leave no warm parent behind."""
    if running := sys.modules.get("backtests.warm"):
        running.close()


@signals.before_task_publish.connect
def send_request_id(headers: dict[str, Any], **kwargs: Any) -> None:
    """Let a task's lines be found under the request that started it."""
    given = structlog.contextvars.get_contextvars().get("request_id")
    if given:
        headers["request_id"] = given


@signals.task_prerun.connect
def name_the_task(task_id: str, task: Any, **kwargs: Any) -> None:
    """Put the task's name and id, and its request's id, on every line that it writes."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id)
    if given := task.request.get("request_id"):
        structlog.contextvars.bind_contextvars(request_id=given)
