"""When an alert keeps quiet: what happens is recorded, and nothing is sent."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from alerts.models import Alert

MUTED, SNOOZED, QUIET = "all alerts are muted", "the alert is snoozed", "quiet hours"


def silenced_because(alert: Alert, *, muted_until: datetime | None, at: datetime) -> str:
    """Why nothing is sent at a moment; empty when it is. `muted_until` is the workspace's."""
    if muted_until is not None and at < muted_until:
        return MUTED
    if alert.snoozed_until is not None and at < alert.snoozed_until:
        return SNOOZED
    return QUIET if is_quiet(alert, at) else ""


def is_quiet(alert: Alert, at: datetime) -> bool:
    """Whether a moment lies in the alert's quiet hours: from the first time up to the second, also over midnight."""
    if alert.quiet_from is None or alert.quiet_until is None:
        return False
    return _within(alert.quiet_from, alert.quiet_until, at.astimezone(ZoneInfo(alert.time_zone)).time())


def _within(begin: time, end: time, moment: time) -> bool:
    if begin <= end:
        return begin <= moment < end
    return moment >= begin or moment < end
