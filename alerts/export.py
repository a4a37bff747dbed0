"""A workspace's alerts in its export: all that is known of them but the secrets of their destinations."""

from __future__ import annotations

from typing import Any

from accounts.models import Workspace
from alerts.models import Alert, AlertSettings, Attempt, Destination, Event, Transition

ALERT = (
    *("id", "kind", "description", "symbol", "direction", "threshold", "recovery_threshold", "window_minutes"),
    *("for_minutes", "cooldown_minutes", "quiet_from", "quiet_until", "time_zone", "snoozed_until", "enabled"),
    *("over_plan", "is_shared", "template", "created_at", "phase", "phase_since", "value"),
    *("last_triggered_at", "excursion"),
)
PLACE = ("id", "kind", "name", "hint", "is_default", "created_at", "disabled_at", "disabled_because", "deleted_at")
EVENT = (
    "id",
    "alert_id",
    "kind",
    "at",
    "value",
    "threshold",
    "symbol",
    "source",
    "is_simulated",
    "silenced_because",
    "facts",
)
TRY = ("delivery_id", "delivery__event_id", "delivery__destination_id", "at", "succeeded", "status", "said", "took_ms")


def alerts_of(workspace: Workspace) -> dict[str, Any]:
    """Alerts, the places of their messages, and everything that has happened."""
    alerts = Alert.objects.for_workspace(workspace)
    settings = AlertSettings.objects.filter(workspace=workspace).first()
    return {
        "muted_until": settings.muted_until if settings else None,
        "alerts": [_alert(alert) for alert in alerts.prefetch_related("destinations").select_related("created_by")],
        "destinations": list(Destination.objects.for_workspace(workspace).values(*PLACE)),
        "changes": list(
            Transition.objects.filter(alert__in=alerts).values("alert_id", "at", "before", "after", "value", "reason")
        ),
        "events": list(Event.objects.filter(alert__in=alerts).values(*EVENT)),
        "attempts": [
            {**row, "delivery_id": str(row["delivery_id"])}
            for row in Attempt.objects.filter(delivery__event__alert__in=alerts).values(*TRY)
        ],
    }


def _alert(alert: Alert) -> dict[str, Any]:
    values = {name: getattr(alert, name) for name in ALERT}
    return {
        **values,
        "created_by": alert.created_by.email if alert.created_by else None,
        "destinations": [place.pk for place in alert.destinations.all()],
    }
