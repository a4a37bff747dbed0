"""What is owed for events: a delivery to each place that wants to hear of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from django.conf import settings

from accounts.models import Workspace
from alerts.models import Alert, Delivery, Destination, Event
from alerts.operators import OPERATOR, operators_settings
from billing.wake import wake

# The task that sends them.
DELIVER = "alerts.tasks.deliver"
OWNER = "owner"
# The workspace of whoever runs this installation.
OPERATORS_WORKSPACE = "default"


def owe(events: Sequence[Event]) -> list[Delivery]:
    """Store the deliveries of events, inside the caller's transaction; a silenced event has none.

    To the alert's destinations, else to the workspace's default, else by the operator's channel or the owner's address.
    """
    loud = [event for event in events if not event.silenced_because]
    if not loud:
        return []
    alerts = {event.alert_id for event in loud}
    named, defaults, operators = _named(alerts), _defaults(alerts), _operators_workspace()
    owed = [
        delivery
        for event in loud
        for delivery in _of(event, named[event.alert_id] or defaults[event.alert.workspace_id], operators)
    ]
    wake(DELIVER)
    return Delivery.objects.bulk_create(owed)


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
