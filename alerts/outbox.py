"""What is owed for events: a delivery to each place that wants to hear of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID, uuid4

from django.conf import settings
from psycopg import sql

from accounts.models import Workspace
from alerts.aggregates.windows import ask
from alerts.channels.registry import EDITING
from alerts.columns import arrays, texts
from alerts.models import Delivery, Event
from alerts.operators import KIND, OPERATOR, operators_settings
from billing.wake import wake
from moondev.lib import bulk
from moondev.lib.queue import State

# The task that sends them.
DELIVER = "alerts.tasks.deliver"
OWNER = "owner"
FOLLOWING = (Event.Kind.RESOLVED, Event.Kind.NO_DATA)
# The workspace of whoever runs this installation.
OPERATORS_WORKSPACE = "default"
ALERTS = {"alerts": "text"}
PLACES = sql.SQL("""
    SELECT alert.id, alert.workspace_id,
        ARRAY(SELECT place.id FROM alerts_alert_destinations AS link
            JOIN alerts_destination AS place ON place.id = link.destination_id
            WHERE link.alert_id = alert.id AND place.deleted_at IS NULL ORDER BY link.id),
        ARRAY(SELECT place.id FROM alerts_destination AS place
            WHERE place.workspace_id = alert.workspace_id AND place.is_default AND place.deleted_at IS NULL)
    FROM alerts_alert AS alert WHERE alert.id = ANY({alerts})""").format(alerts=arrays(ALERTS))


class Tellable(Protocol):
    """What is to be told: an event, stored as a row."""

    @property
    def id(self) -> int: ...
    @property
    def alert_id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def excursion(self) -> int: ...
    @property
    def silenced_because(self) -> str: ...


class DeliveryRow(NamedTuple):
    id: UUID
    event_id: int
    destination_id: int | None
    fallback: str


def owe(events: Sequence[Tellable]) -> list[DeliveryRow]:
    """Store the deliveries of events, inside the caller's transaction.

    What follows a firing goes where the firing went. Everything else goes to the alert's destinations, else to the
    workspace's default, else by the operator's channel or the owner's address. A silenced event notifies nobody: it has
    no delivery, but for an end that is written into the message of its firing.
    """
    firings = _firings(events)
    owed = list(_first([event for event in events if _key(event) not in firings]))
    owed += [row for event in events for row in _further(event, firings.get(_key(event), ()))]
    bulk.insert(Delivery, owed)
    if owed:
        wake(DELIVER)
    return owed


def _first(events: Sequence[Tellable]) -> Iterator[DeliveryRow]:
    loud = [event for event in events if not event.silenced_because]
    if not loud:
        return
    places, operators = _places({event.alert_id for event in loud}), _operators_workspace()
    for event in loud:
        workspace, found = places[event.alert_id]
        for place in found:
            yield _owed(event, place)
        if not found:
            yield _owed(event, None, fallback_of(workspace, operators))


def _further(event: Tellable, firings: Iterable[Delivery]) -> Iterator[DeliveryRow]:
    for firing in firings:
        if not event.silenced_because or _is_changeable(event, firing):
            yield _owed(event, firing.destination_id, firing.fallback)


def _owed(event: Tellable, destination: int | None, fallback: str = "") -> DeliveryRow:
    return DeliveryRow(uuid4(), event.id, destination, fallback)


def _is_changeable(event: Tellable, firing: Delivery) -> bool:
    """Whether an event can be told by changing the message of its firing, of which nobody is notified."""
    kind = firing.destination.kind if firing.destination else {OPERATOR: KIND}.get(firing.fallback)
    is_posted = bool(firing.message_id) or firing.state in (State.WAITING, State.RUNNING)
    return event.kind == Event.Kind.RESOLVED and kind in EDITING and is_posted


def _key(event: Tellable) -> tuple[str, int] | None:
    """The excursion whose firing an event follows; None: it follows none."""
    return (event.alert_id, event.excursion) if event.kind in FOLLOWING else None


def _firings(events: Sequence[Tellable]) -> dict[tuple[str, int] | None, list[Delivery]]:
    """Where the firings went that events follow, by excursion."""
    keys = {key for event in events if (key := _key(event))}
    rows = Delivery.objects.filter(
        event__kind=Event.Kind.FIRED, event__alert__in={alert for alert, _ in keys},
        event__excursion__in={excursion for _, excursion in keys}, destination__deleted_at=None,
    )  # fmt: skip
    found: dict[tuple[str, int] | None, list[Delivery]] = {}
    for row in rows.select_related("event", "destination").order_by("created_at", "id") if keys else ():
        key = row.event.alert_id, row.event.excursion
        if key in keys:
            found.setdefault(key, []).append(row)
    return found


def fallback_of(workspace_id: int, operators: int | None) -> str:
    """Where alerts without a destination go: the operator's channel where it is theirs, else the owner's address."""
    if operators_settings() is None:
        return OWNER
    is_theirs = workspace_id == operators or settings.ALERTS_DEFAULT_FOR_ALL
    return OPERATOR if is_theirs else OWNER


def _operators_workspace() -> int | None:
    return Workspace.objects.filter(slug=OPERATORS_WORKSPACE).values_list("pk", flat=True).first()


def _places(alerts: Iterable[str]) -> dict[str, tuple[int, list[int]]]:
    """The workspace of each alert, and the destinations that it names, else that workspace's default."""
    rows = ask(PLACES, texts(ALERTS, [(alert,) for alert in alerts]))
    return {alert: (workspace, named or defaults) for alert, workspace, named, defaults in rows}
