"""What has happened to an alert, newest first: changes of its state and events, with every attempt to tell of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Prefetch, Q

from alerts.models import Alert, Attempt, Delivery, Event, Transition

# In which order things of one moment come: an event follows from the change beside it, so it is the newer one.
RANKS: dict[type[Transition] | type[Event], int] = {Event: 1, Transition: 0}
Place = tuple[datetime, int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: either a change of state or an event with its deliveries."""

    at: datetime
    row: Transition | Event

    @property
    def place(self) -> Place:
        """Where it stands in the order of all lines."""
        return self.at, RANKS[type(self.row)], self.row.pk


def history(alert: Alert, *, limit: int, after: Place | None = None) -> list[Entry]:
    """At most `limit` lines from behind a place on (None: from the newest)."""
    events = Event.objects.filter(alert=alert).select_related("alert").prefetch_related(_deliveries())
    rows: list[Any] = [
        *events.filter(_older(Event, after)).order_by("-at", "-id")[:limit],
        *Transition.objects.filter(_older(Transition, after), alert=alert).order_by("-at", "-id")[:limit],
    ]
    entries = sorted((Entry(row.at, row) for row in rows), key=lambda entry: entry.place, reverse=True)
    return list(islice(entries, limit))


def _older(kind: type[Transition] | type[Event], after: Place | None) -> Q:
    if after is None:
        return Q()
    at, rank, pk = after
    own = RANKS[kind]
    if own == rank:
        return Q(at__lt=at) | Q(at=at, pk__lt=pk)
    return Q(at__lte=at) if own < rank else Q(at__lt=at)


def _deliveries() -> Prefetch[Any]:
    tries = Prefetch("tries", Attempt.objects.order_by("at", "id"))
    rows = Delivery.objects.select_related("destination").prefetch_related(tries)
    return Prefetch("deliveries", rows.order_by("created_at", "id"))
