"""What a plan promises, frozen: the form in which every other app reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Weakest first. The licence check of a customer's agent and Stripe's prices know these four names and no others.
PLAN_NAMES = ("free", "pro", "team", "enterprise")
FREE = PLAN_NAMES[0]
FEATURES = ("focus", "clips", "video", "phone")
FORMATS = ("csv", "json", "ndjson", "parquet")


@dataclass(frozen=True, slots=True)
class Terms:
    """The numbers of one plan. `None` in `history_days` and `run_retention_days` means for ever."""

    plan: str
    rank: int
    requests_per_minute: int
    alerts: int
    alert_poll_seconds: int
    backtest_runs_per_day: int
    concurrent_runs: int
    workspaces: int
    seats: int
    history_days: int | None
    formats: tuple[str, ...]
    features: tuple[str, ...]
    machines_per_agent: int
    run_retention_days: int | None

    def limits(self) -> dict[str, Any]:
        """The numbers under the names that /plans and /whoami show."""
        return {
            "rpm": self.requests_per_minute,
            "alerts": self.alerts,
            "alert_poll_seconds": self.alert_poll_seconds,
            "backtest_runs_per_day": self.backtest_runs_per_day,
            "concurrent_runs": self.concurrent_runs,
            "workspaces": self.workspaces,
            "seats": self.seats,
            "history_days": self.history_days,
            "formats": list(self.formats),
            "features": list(self.features),
            "machines_per_agent": self.machines_per_agent,
            "run_retention_days": self.run_retention_days,
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """A workspace's terms at a moment and, where a change is already known, when they end.

    `until` is when any of the terms changes, `plan_until` when another plan counts, which is then or later.
    """

    terms: Terms
    until: datetime | None = None
    plan_until: datetime | None = None
