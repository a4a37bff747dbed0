"""What Prometheus is told of Stripe's events. What waits is looked up in the table instead, by moondev.live."""

from __future__ import annotations

from prometheus_client import Counter

RECEIVED = Counter("moondev_stripe_events_received", "Verified events that Stripe sent", ["outcome"])
REFUSED = Counter("moondev_stripe_events_refused", "Bodies that were not taken in", ["reason"])
PROCESSED = Counter("moondev_stripe_events_processed", "Events that a worker had in hand", ["outcome"])
