"""Changes of state on their way into the database, many at once.

The update is the fence: it takes only rows that still are as they were read, and what goes with a change (its rows of
history, its event and the deliveries) is written for the rows that it took.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts import outbox
from alerts.aggregates.windows import ask
from alerts.counted import EVENTS
from alerts.machine import Step
from alerts.models import Event, Transition
from alerts.rules.shapes import Decision
from alerts.silence import silenced_because
from marketdata.state import is_simulated, served_source

UPDATE = """
    UPDATE alerts_alert AS alert SET phase = new.phase, phase_since = new.since, value = new.value,
        baseline = new.baseline, is_open = new.is_open, excursion = new.excursion, last_triggered_at = new.triggered
    FROM unnest(%(ids)s::text[], %(was)s::text[], %(begun)s::timestamptz[], %(counts)s::int[], %(phases)s::text[],
            %(since)s::timestamptz[], %(values)s::float8[], %(baselines)s::float8[], %(open)s::bool[],
            %(excursions)s::int[], %(triggered)s::timestamptz[])
        AS new (id, was, begun, count, phase, since, value, baseline, is_open, excursion, triggered)
    WHERE alert.id = new.id AND alert.phase = new.was AND alert.phase_since = new.begun AND alert.excursion = new.count
        AND alert.enabled AND NOT alert.over_plan
    RETURNING alert.id"""
NAMES = (
    "ids", "was", "begun", "counts", "phases", "since", "values", "baselines", "open", "excursions", "triggered",
)  # fmt: skip
FIRING_WAS_SILENT = "so was its firing"


@dataclass(frozen=True, slots=True)
class Change:
    """An alert as it was read, and what one look made of it."""

    alert: Any
    decision: Decision
    step: Step

    def columns(self) -> tuple[Any, ...]:
        """What the update needs, in the order of NAMES."""
        alert, after = self.alert, self.step.state
        return (
            alert.pk,
            alert.phase,
            # An edit that begins anew moves it, so what was seen under the old words is not written.
            alert.phase_since,
            alert.excursion,
            after.phase,
            after.since,
            self.decision.value if self.step.entered else alert.value,
            after.baseline,
            after.is_open,
            after.excursion,
            after.last_triggered_at,
        )


def store(changes: Sequence[Change], at: datetime) -> int:
    """Write changes and what goes with them, in the caller's transaction; returns how many events there are."""
    taken = _take(changes)
    Transition.objects.bulk_create(row for change in taken for row in _transitions(change, at))
    events = Event.objects.bulk_create(_events(taken, at))
    outbox.owe(events)
    for (kind, event), count in Counter((event.alert.kind, event.kind) for event in events).items():
        EVENTS.labels(kind, event).inc(count)
    return len(events)


def _take(changes: Sequence[Change]) -> list[Change]:
    """The changes whose rows still were as they had been read."""
    if not changes:
        return []
    columns = zip(*(change.columns() for change in changes), strict=True)
    taken = {pk for (pk,) in ask(UPDATE, dict(zip(NAMES, map(list, columns), strict=True)))}
    return [change for change in changes if change.alert.pk in taken]


def _transitions(change: Change, at: datetime) -> Iterator[Transition]:
    before = change.alert.phase
    for phase, reason in change.step.entered:
        yield Transition(
            alert=change.alert, at=at, before=before, after=phase, value=change.decision.value, reason=reason
        )
        before = phase


def _events(changes: Sequence[Change], at: datetime) -> list[Event]:
    """What the changes have to say; that an excursion cannot be seen is said once."""
    telling = [(change, event) for change in changes if (event := change.step.event)]
    told = _told([change.alert.pk for change, event in telling if event is not Event.Kind.FIRED])
    events = [_event(change, event, told, at) for change, event in telling]
    return [event for event in events if (event.alert_id, event.excursion, event.kind) not in told]


def _told(alerts: list[str]) -> dict[tuple[str, int, str], str]:
    """The events there are, by alert, excursion and kind, and why each was silenced."""
    if not alerts:
        return {}
    rows = Event.objects.filter(alert__in=alerts).exclude(kind=Event.Kind.TEST)
    return {row[:3]: row[3] for row in rows.values_list("alert_id", "excursion", "kind", "silenced_because")}


def _event(change: Change, event: Event.Kind, told: dict[tuple[str, int, str], str], at: datetime) -> Event:
    alert, after = change.alert, change.step.state
    silence = silenced_because(alert, muted_until=alert.muted_until, at=at)
    if told.get((alert.pk, after.excursion, Event.Kind.FIRED)):
        silence = silence or FIRING_WAS_SILENT
    return Event(
        alert=alert,
        kind=event,
        excursion=after.excursion,
        at=at,
        value=change.decision.value,
        threshold=alert.threshold,
        window_minutes=alert.window_minutes,
        symbol=alert.symbol,
        source=served_source(),
        is_simulated=is_simulated(),
        silenced_because=silence,
        facts=dict(change.decision.facts),
    )
