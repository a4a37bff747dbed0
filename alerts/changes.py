"""Changes of state on their way into the database, many at once.

The update is the fence: it takes only rows that still are as they were read, and what goes with a change (its rows of
history, its event and the deliveries) is written for the rows that it took.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import sql
from psycopg.types.json import Jsonb

from alerts import outbox
from alerts.aggregates.windows import ask
from alerts.columns import arrays, texts
from alerts.counted import EVENTS
from alerts.machine import Step
from alerts.models import Event, Transition
from alerts.rules.shapes import Decision
from alerts.silence import silenced_because
from marketdata.state import is_simulated, served_source
from moondev.lib import bulk

COLUMNS = {
    "ids": "text",
    "was": "text",
    "begun": "timestamptz",
    "counts": "int",
    "phases": "text",
    "since": "timestamptz",
    "values": "float8",
    "baselines": "float8",
    "open": "bool",
    "excursions": "int",
    "triggered": "timestamptz",
}
UPDATE = sql.SQL("""
    UPDATE alerts_alert AS alert SET phase = new.phase, phase_since = new.since, value = new.value,
        baseline = new.baseline, is_open = new.is_open, excursion = new.excursion, last_triggered_at = new.triggered
    FROM unnest({columns})
        AS new (id, was, begun, count, phase, since, value, baseline, is_open, excursion, triggered)
    WHERE alert.id = new.id AND alert.phase = new.was AND alert.phase_since = new.begun AND alert.excursion = new.count
        AND alert.enabled AND NOT alert.over_plan
    RETURNING alert.id""").format(columns=arrays(COLUMNS))
FIRING_WAS_SILENT = "so was its firing"


@dataclass(frozen=True, slots=True)
class Change:
    """An alert as it was read, and what one look made of it."""

    alert: Any
    decision: Decision
    step: Step

    @property
    def excursion(self) -> tuple[str, int]:
        """Of which alert, and its how manieth, the one is that goes on or was the last."""
        return self.alert.id, self.step.state.excursion

    def columns(self) -> tuple[Any, ...]:
        """What the update needs, in the order of COLUMNS."""
        alert, after = self.alert, self.step.state
        return (
            alert.id,
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


class TransitionRow(NamedTuple):
    alert_id: str
    at: datetime
    before: str
    after: str
    value: float | None
    reason: str


class EventRow(NamedTuple):
    id: int
    alert_id: str
    kind: Event.Kind
    excursion: int
    at: datetime
    value: float | None
    threshold: float
    window_minutes: int
    symbol: str
    source: str
    is_simulated: bool
    silenced_because: str
    facts: Jsonb


def store(changes: Sequence[Change], at: datetime) -> int:
    """Write changes and what goes with them, in the caller's transaction; returns how many events there are."""
    taken = _take(changes)
    bulk.insert(Transition, [row for change in taken for row in _transitions(change, at)])
    events = _events(taken, at)
    bulk.insert(Event, events)
    outbox.owe(events)
    kinds = {change.alert.id: change.alert.kind for change in taken}
    for (kind, event), count in Counter((kinds[event.alert_id], event.kind) for event in events).items():
        EVENTS.labels(kind, event).inc(count)
    return len(events)


def _take(changes: Sequence[Change]) -> list[Change]:
    """The changes whose rows still were as they had been read."""
    if not changes:
        return []
    taken = {pk for (pk,) in ask(UPDATE, texts(COLUMNS, [change.columns() for change in changes]))}
    return [change for change in changes if change.alert.id in taken]


def _transitions(change: Change, at: datetime) -> Iterator[TransitionRow]:
    before = change.alert.phase
    for phase, reason in change.step.entered:
        yield TransitionRow(change.alert.id, at, before, phase, change.decision.value, reason)
        before = phase


def _events(changes: Sequence[Change], at: datetime) -> list[EventRow]:
    """What the changes have to say; that an excursion cannot be seen is said once."""
    telling = [(change, event) for change in changes if (event := change.step.event)]
    told = _told([change.alert.id for change, event in telling if event is not Event.Kind.FIRED])
    new = [(change, event) for change, event in telling if (*change.excursion, event) not in told]
    origin = {"source": served_source(), "is_simulated": is_simulated()}
    ids = bulk.new_ids(Event, len(new))
    return [_event(change, told, at, id=pk, kind=event, **origin) for pk, (change, event) in zip(ids, new, strict=True)]


def _told(alerts: list[str]) -> dict[tuple[str, int, str], str]:
    """The events there are, by alert, excursion and kind, and why each was silenced."""
    if not alerts:
        return {}
    rows = Event.objects.filter(alert__in=alerts).exclude(kind=Event.Kind.TEST)
    return {row[:3]: row[3] for row in rows.values_list("alert_id", "excursion", "kind", "silenced_because")}


def _event(change: Change, told: Mapping[tuple[str, int, str], str], at: datetime, **known: Any) -> EventRow:
    alert = change.alert
    silence = silenced_because(alert, muted_until=alert.muted_until, at=at)
    if told.get((*change.excursion, Event.Kind.FIRED)):
        silence = silence or FIRING_WAS_SILENT
    return EventRow(
        alert_id=alert.id,
        excursion=change.step.state.excursion,
        at=at,
        value=change.decision.value,
        threshold=alert.threshold,
        window_minutes=alert.window_minutes,
        symbol=alert.symbol,
        silenced_because=silence,
        facts=Jsonb(dict(change.decision.facts)),
        **known,
    )
