"""What Prometheus is told of deliveries. What waits is looked up in the table instead, by moondev.live."""

from __future__ import annotations

from prometheus_client import Counter

DELIVERIES = Counter("moondev_alerts_deliveries", "Deliveries that a worker had in hand", ["channel", "outcome"])
