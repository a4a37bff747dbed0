"""What is owed for events: a delivery to each place that wants to hear of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from django.conf import settings

from accounts.models import Workspace
from alerts.channels.registry import EDITING
from alerts.models import Alert, Delivery, Destination, Event
from alerts.operators import KIND, OPERATOR, operators_settings
from billing.wake import wake
from moondev.lib.queue import State

# The task that sends them.
DELIVER = "alerts.tasks.deliver"
OWNER = "owner"
FOLLOWING = (Event.Kind.RESOLVED, Event.Kind.NO_DATA)
# The workspace of whoever runs this installation.
OPERATORS_WORKSPACE = "default"


def owe(events: Sequence[Event]) -> list[Delivery]:
    """Store the deliveries of events, inside the caller's transaction.

    What follows a firing goes where the firing went. Everything else goes to the alert's destinations, else to the
    workspace's default, else by the operator's channel or the owner's address. A silenced event notifies nobody: it has
    no delivery, but for an end that is written into the message of its firing.
    """
    firings = _firings(events)
    owed = list(_first([event for event in events if _key(event) not in firings]))
    owed += [delivery for event in events for delivery in _further(event, firings.get(_key(event), ()))]
    if owed:
        wake(DELIVER)
    return Delivery.objects.bulk_create(owed)


def _first(events: Sequence[Event]) -> Iterator[Delivery]:
    loud = [event for event in events if not event.silenced_because]
    if not loud:
        return
    alerts = {event.alert_id for event in loud}
    named, defaults, operators = _named(alerts), _defaults(alerts), _operators_workspace()
    for event in loud:
        yield from _of(event, named[event.alert_id] or defaults[event.alert.workspace_id], operators)


def _further(event: Event, firings: Iterable[Delivery]) -> Iterator[Delivery]:
    for firing in firings:
        if not event.silenced_because or _is_changeable(event, firing):
            yield Delivery(event=event, destination_id=firing.destination_id, fallback=firing.fallback)


def _is_changeable(event: Event, firing: Delivery) -> bool:
    """Whether an event can be told by changing the message of its firing, of which nobody is notified."""
    kind = firing.destination.kind if firing.destination else {OPERATOR: KIND}.get(firing.fallback)
    is_posted = bool(firing.message_id) or firing.state in (State.WAITING, State.RUNNING)
    return event.kind == Event.Kind.RESOLVED and kind in EDITING and is_posted


def _key(event: Event) -> tuple[str, int] | None:
    """The excursion whose firing an event follows; None: it follows none."""
    return (event.alert_id, event.excursion) if event.kind in FOLLOWING else None


def _firings(events: Sequence[Event]) -> dict[tuple[str, int] | None, list[Delivery]]:
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


def _of(event: Event, places: list[int], operators: int | None) -> Iterator[Delivery]:
    for place in places:
        yield Delivery(event=event, destination_id=place)
    if not places:
        yield Delivery(event=event, fallback=fallback_of(event.alert.workspace_id, operators))


def fallback_of(workspace_id: int, operators: int | None) -> str:
    """Where alerts without a destination go: the operator's channel where it is theirs, else the owner's address."""
    if operators_settings() is None:
        return OWNER
    is_theirs = workspace_id == operators or settings.ALERTS_DEFAULT_FOR_ALL
    return OPERATOR if is_theirs else OWNER


def _operators_workspace() -> int | None:
    return Workspace.objects.filter(slug=OPERATORS_WORKSPACE).values_list("pk", flat=True).first()


def _named(alerts: Iterable[str]) -> defaultdict[str, list[int]]:
    """The destinations that each alert names."""
    links = Alert.destinations.through.objects.filter(alert__in=alerts, destination__deleted_at=None)
    found: defaultdict[str, list[int]] = defaultdict(list)
    for alert, destination in links.order_by("id").values_list("alert_id", "destination_id"):
        found[alert].append(destination)
    return found


def _defaults(alerts: Iterable[str]) -> defaultdict[int, list[int]]:
    """The default destination of each workspace of these alerts."""
    rows = Destination.objects.filter(is_default=True, deleted_at=None, workspace__alerts__in=alerts)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for workspace, destination in rows.values_list("workspace_id", "pk").distinct():
        found[workspace].append(destination)
    return found
