"""What Prometheus reads: requests as this process (or all of a service's processes) answered them, and live numbers.

Counters of other parts register themselves with prometheus_client where they count; this module only exposes them.
"""

from __future__ import annotations

import os
import platform

from django.conf import settings
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

REQUESTS = Counter("moondev_requests", "Requests answered", ["service", "method", "route", "status"])
DURATION = Histogram(
    "moondev_request_duration_seconds", "Time until the answer was out", ["service", "route"], buckets=SECONDS
)


def observe(*, method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    service = settings.MOONDEV_SERVICE
    REQUESTS.labels(service, method, route, status).inc()
    DURATION.labels(service, route).observe(seconds)


def exposition(live: Collector) -> bytes:
    """All metrics in Prometheus' text format: the counted ones, then those that `live` looks up now."""
    now = CollectorRegistry()
    now.register(live)
    return generate_latest(_counted()) + generate_latest(now)


def build_info() -> GaugeMetricFamily:
    """A constant 1 whose labels say which program answers."""
    family = GaugeMetricFamily("moondev_build_info", "The running version", labels=["version", "service", "python"])
    family.add_metric([settings.PRODUCT_VERSION, settings.MOONDEV_SERVICE, platform.python_version()], 1)
    return family


def _counted() -> CollectorRegistry:
    """With PROMETHEUS_MULTIPROC_DIR set, the sums over every process that writes there; else this process alone."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
