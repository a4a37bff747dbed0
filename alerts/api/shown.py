"""Alerts and what happens to them as clients see them."""

from __future__ import annotations

from typing import Any

from alerts.history import Entry
from alerts.models import Alert, Delivery, Destination, Event, Transition
from alerts.preview import Preview
from moondev.lib.clock import now


def alert(row: Alert) -> dict[str, Any]:
    """An alert with its state; `null` is what was not given. Its destinations are loaded."""
    snoozed = row.snoozed_until if row.snoozed_until and row.snoozed_until > now() else None
    return {
        "id": row.pk,
        "type": row.kind,
        "threshold": row.threshold,
        "window_minutes": row.window_minutes,
        "symbol": row.symbol or None,
        "description": row.description or None,
        "created_at": row.created_at,
        "state": row.phase,
        "state_since": row.phase_since,
        "last_triggered_at": row.last_triggered_at,
        "direction": row.direction,
        "recovery_threshold": row.recovery_threshold,
        "for_minutes": row.for_minutes,
        "cooldown_minutes": row.cooldown_minutes,
        "quiet_from": row.quiet_from,
        "quiet_until": row.quiet_until,
        "time_zone": row.time_zone,
        "snoozed_until": snoozed,
        "enabled": row.enabled,
        "over_plan": row.over_plan,
        "is_shared": row.is_shared,
        "template": row.template or None,
        "destinations": [place.pk for place in row.destinations.all() if place.deleted_at is None],
    }


def destination(row: Destination) -> dict[str, Any]:
    """A destination without what lets one post there."""
    return {
        "id": row.pk,
        "kind": row.kind,
        "name": row.name,
        "hint": row.hint,
        "is_default": row.is_default,
        "disabled_at": row.disabled_at,
        "disabled_because": row.disabled_because or None,
    }


def entry(line: Entry) -> dict[str, Any]:
    """A line of the history: one of `change` and `event` is there, the other is null."""
    row = line.row
    if isinstance(row, Event):
        return {"at": line.at, "change": None, "event": event(row)}
    return {"at": line.at, "change": _change(row), "event": None}


def event(row: Event) -> dict[str, Any]:
    """An event with its deliveries and their attempts, which are loaded where there are many."""
    return {
        "id": row.pk,
        "kind": row.kind,
        "at": row.at,
        "value": row.value,
        "threshold": row.threshold,
        "window_minutes": row.window_minutes,
        "symbol": row.symbol or None,
        "source": row.source,
        "simulated": row.is_simulated,
        "silenced_because": row.silenced_because or None,
        "facts": row.facts,
        "deliveries": [_delivery(delivery) for delivery in row.deliveries.all()],
    }


def preview(found: Preview, *, days: int, simulated: bool) -> dict[str, Any]:
    """When an alert would have fired, and the value's course."""
    return {
        "fired": len(found.times),
        "times": found.times,
        "days": days,
        "history_from": found.history_from,
        "threshold": found.threshold,
        "unit": found.unit,
        "series": [{"at": at, "value": value} for at, value in found.series],
        "simulated": simulated,
    }


def _change(row: Transition) -> dict[str, Any]:
    return {"before": row.before, "after": row.after, "value": row.value, "reason": row.reason}


def _delivery(row: Delivery) -> dict[str, Any]:
    place = row.destination
    return {
        "id": str(row.pk),
        "destination": place.pk if place else None,
        "name": place.name if place else row.fallback,
        "state": row.state,
        "attempts": [
            {"at": a.at, "succeeded": a.succeeded, "status": a.status, "said": a.said, "took_ms": a.took_ms}
            for a in row.tries.all()
        ],
    }
