"""An alert's state begins anew: what it watches was changed, or nobody looked at it for a while."""

from __future__ import annotations

from datetime import datetime

from alerts import outbox
from alerts.aggregates.reading import first_baseline
from alerts.models import Alert, AlertSettings, Event, Transition
from alerts.models.alert import Phase
from alerts.silence import silenced_because
from marketdata.state import is_simulated, served_source
from moondev.lib.clock import now

DELETED = "The alert was deleted"
STATE = ("phase", "phase_since", "is_open", "baseline")


def begin_anew(alert: Alert, reason: str, *, keep_baseline: bool = False) -> None:
    """Set the state of a locked alert to normal and store it; an excursion that goes on is told to have ended.

    Changes are measured from the present on, unless the baseline is kept.
    """
    at = now()
    if alert.is_open:
        tell_end(alert, reason, at)
    if alert.phase != Phase.NORMAL:
        Transition.objects.create(alert=alert, at=at, before=alert.phase, after=Phase.NORMAL, reason=reason)
    if not keep_baseline:
        alert.baseline = first_baseline(alert.kind)
    alert.phase, alert.phase_since, alert.is_open = Phase.NORMAL, at, False
    alert.save(update_fields=STATE)


def resume(alert: Alert) -> None:
    """What a locked alert does after a pause: an excursion goes on, everything else begins anew."""
    if not alert.is_open:
        begin_anew(alert, "Looked at again")


def said(alert: Alert, kind: Event.Kind, excursion: int, *, at: datetime, **values: object) -> Event:
    """An event of an alert that evaluation did not make, not stored."""
    return Event(
        alert=alert,
        kind=kind,
        excursion=excursion,
        at=at,
        threshold=alert.threshold,
        window_minutes=alert.window_minutes,
        symbol=alert.symbol,
        source=served_source(),
        is_simulated=is_simulated(),
        **values,
    )


def tell_end(alert: Alert, reason: str, at: datetime) -> list[outbox.DeliveryRow]:
    """Whoever was told of the firing is told that it is over; there is no value that ended it."""
    if Event.objects.filter(alert=alert, kind=Event.Kind.RESOLVED, excursion=alert.excursion).exists():
        return []
    fired = Event.objects.filter(alert=alert, kind=Event.Kind.FIRED, excursion=alert.excursion).first()
    muted = AlertSettings.objects.filter(workspace=alert.workspace_id).values_list("muted_until", flat=True).first()
    silence = silenced_because(alert, muted_until=muted, at=at) or (fired.silenced_because if fired else "")
    event = said(
        alert, Event.Kind.RESOLVED, alert.excursion, at=at, silenced_because=silence, facts={"because": reason}
    )
    # The alert is about something else by now.
    if fired is not None:
        event.symbol, event.threshold, event.window_minutes = fired.symbol, fired.threshold, fired.window_minutes
    event.save()
    return outbox.owe([event])
