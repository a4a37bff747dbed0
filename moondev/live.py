"""Numbers that are looked up when Prometheus asks, because no process counts them."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from moondev import metrics


class Live(Collector):
    """Build information."""

    def collect(self) -> Iterator[Metric]:
        yield metrics.build_info()
