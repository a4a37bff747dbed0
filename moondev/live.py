"""Numbers that are looked up when Prometheus asks, because no process counts them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import structlog
from django.db import Error as DatabaseError
from django.db.models import Count, Min
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from alerts.models import Alert, Delivery, Destination, Tick
from backtests.models import Run
from billing.models import Case, StripeEvent
from billing.payments.reconcile import last_run
from gateway.models import UsageBatch
from marketdata.models import FeedState
from marketdata.state import served_source
from moondev import metrics
from moondev.lib import clock
from moondev.lib.queue import State

log = structlog.get_logger(__name__)


class Live(Collector):
    """What runs, how much waits for a worker, and how old the market data are."""

    def collect(self) -> Iterator[Metric]:
        """Without PostgreSQL the numbers that it holds are left out; the others still count."""
        yield metrics.build_info()
        try:
            yield from [*_usage(), *_stripe(), *_drift(), *_alerts(), *_deliveries(), *_backtests(), *_feeds()]
        except DatabaseError as error:
            log.warning("metrics without PostgreSQL", kind=type(error).__name__)


def _usage() -> list[Metric]:
    waiting = UsageBatch.objects.filter(folded_at=None).aggregate(batches=Count("id"), oldest=Min("created_at"))
    age = _age(waiting["oldest"]) if waiting["oldest"] else 0.0
    return [
        GaugeMetricFamily("moondev_usage_batches_waiting", "Usage batches not folded yet", waiting["batches"]),
        GaugeMetricFamily("moondev_usage_oldest_batch_seconds", "Age of the oldest of them", age),
    ]


def _stripe() -> list[Metric]:
    left = StripeEvent.objects.filter(state__in=[State.WAITING, State.RUNNING])
    waiting = left.aggregate(events=Count("pk"), oldest=Min("received_at"))
    age = _age(waiting["oldest"]) if waiting["oldest"] else 0.0
    parked = StripeEvent.objects.filter(state=State.PARKED).count()
    return [
        GaugeMetricFamily(
            "moondev_stripe_events_waiting", "Stripe's events that no worker is done with", waiting["events"]
        ),
        GaugeMetricFamily("moondev_stripe_oldest_event_seconds", "Age of the oldest of them", age),
        GaugeMetricFamily("moondev_stripe_events_parked", "Stripe's events that wait for a person", parked),
    ]


def _drift() -> list[Metric]:
    """Before the first comparison there is nothing to say about drift."""
    drift = GaugeMetricFamily("moondev_billing_drift", "Differences to Stripe at the last comparison", labels=["state"])
    age = GaugeMetricFamily("moondev_billing_compared_age_seconds", "Time since the last comparison with Stripe")
    run = last_run()
    if run:
        age.add_metric([], _age(run.at))
        for state in ("mended", "left"):
            drift.add_metric([state], run.data[state])
    cases = Case.objects.filter(closed_at=None).count()
    return [drift, age, GaugeMetricFamily("moondev_billing_open_cases", "Cases that wait for staff", cases)]


def _alerts() -> list[Metric]:
    """The last round of evaluation. Without any, its lag is as old as the first alert that waits for one."""
    last = Tick.objects.exclude(finished_at=None).order_by("-at").first() or Tick()
    since = last.at or Alert.objects.running().aggregate(first=Min("created_at"))["first"]
    took = (last.finished_at - last.started_at).total_seconds() if last.finished_at else 0.0
    return [
        GaugeMetricFamily("moondev_alerts_tick_lag_seconds", "Time since evaluation", _age(since) if since else 0.0),
        GaugeMetricFamily("moondev_alerts_tick_duration_seconds", "How long the last round took", took),
        GaugeMetricFamily("moondev_alerts_evaluated", "Alerts that were due in the last round", last.alerts),
        GaugeMetricFamily("moondev_alerts_aggregates", "Values that were read for them", last.aggregates),
    ]


def _deliveries() -> list[Metric]:
    left = Delivery.objects.filter(state__in=[State.WAITING, State.RUNNING])
    waiting = left.aggregate(deliveries=Count("pk"), oldest=Min("created_at"))
    age = _age(waiting["oldest"]) if waiting["oldest"] else 0.0
    parked = Delivery.objects.filter(state=State.PARKED).count()
    off = Destination.objects.filter(deleted_at=None).exclude(disabled_at=None).count()
    return [
        GaugeMetricFamily("moondev_alerts_deliveries_waiting", "Messages still owed", waiting["deliveries"]),
        GaugeMetricFamily("moondev_alerts_oldest_delivery_seconds", "Age of the oldest of them", age),
        GaugeMetricFamily("moondev_alerts_deliveries_parked", "Messages that were given up", parked),
        GaugeMetricFamily("moondev_alerts_destinations_off", "Destinations that are switched off", off),
    ]


def _backtests() -> list[Metric]:
    waiting = Run.objects.filter(state=State.WAITING).aggregate(runs=Count("pk"), oldest=Min("due_at"))
    age = _age(waiting["oldest"]) if waiting["oldest"] else 0.0
    running = Run.objects.filter(state=State.RUNNING).count()
    return [
        GaugeMetricFamily("moondev_backtests_waiting", "Runs that no worker has begun", waiting["runs"]),
        GaugeMetricFamily("moondev_backtests_oldest_wait_seconds", "How long the oldest of them has waited", age),
        GaugeMetricFamily("moondev_backtests_running", "Runs that a worker has in hand", running),
    ]


def _feeds() -> list[Metric]:
    rows = GaugeMetricFamily("moondev_feed_age_seconds", "Time since a feed's newest row", labels=["feed"])
    reads = GaugeMetricFamily("moondev_feed_read_age_seconds", "Time since a feed's last good read", labels=["feed"])
    for state in FeedState.objects.filter(source=served_source()):
        for family, moment in ((rows, state.newest), (reads, state.read_at)):
            if moment:
                family.add_metric([state.feed], _age(moment))
    return [rows, reads]


def _age(moment: datetime) -> float:
    return max(0.0, (clock.now() - moment).total_seconds())
