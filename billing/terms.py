"""What a plan promises, frozen: the form in which every other app reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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


@dataclass(frozen=True, slots=True)
class Standing:
    """A workspace's terms at a moment and, where a change is already known, when they end."""

    terms: Terms
    until: datetime | None = None
