"""What Prometheus is told of evaluation by workers. The last round's numbers are looked up by moondev.live instead."""

from __future__ import annotations

from prometheus_client import Counter

EVENTS = Counter("moondev_alerts_events", "What alerts had to say", ["kind", "event"])
FAILED = Counter("moondev_alerts_failed_evaluations", "Looks at an alert that broke", ["kind"])
