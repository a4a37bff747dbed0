"""What is to be sent to a place: new messages, and changes to messages that were posted earlier."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import structlog

from alerts.channels.registry import EDITING
from alerts.channels.shapes import ChannelError, Message, Sent
from alerts.deliver.places import Place
from alerts.models import Delivery, Event, Remnant
from alerts.wording import notice_of
from moondev.lib.queue import State

OUR_FAULT = "Something went wrong on our side."
log = structlog.get_logger(__name__)
Firing = tuple[str, int, int | None, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended, and how long it took."""

    result: Sent | ChannelError
    took_ms: int

    @property
    def said(self) -> str:
        return self.result.said if isinstance(self.result, Sent) else self.result.message


@dataclass(slots=True)
class Job:
    """One request to make: a new message with some rows, or a change of one.

    To be changed is the message `message_id` with the deliveries `posted`, in their order, and what deleted alerts left
    between them; the first number of each pair in `ends` is the place of the row in it.
    """

    place: Place
    rows: list[Delivery]
    message_id: str = ""
    posted: list[Delivery | Remnant] = field(default_factory=list)
    ends: dict[int, Delivery] = field(default_factory=dict)
    message: Message | None = None

    @property
    def workspace_id(self) -> int:
        """Whose message it is; to the operator's channel go those of several."""
        return self.rows[0].event.alert.workspace_id

    def run(self) -> Outcome:
        """Make the request; reads no database, so it may run in any thread."""
        began = time.monotonic()
        try:
            result: Sent | ChannelError = self._send()
        except ChannelError as error:
            result = error
        # A fault of ours in one message must not end the others.
        except Exception as error:
            log.error("a message could not be sent", channel=self.place.kind, exc_info=error)
            result = ChannelError(OUR_FAULT, permanent=True)
        return Outcome(result, int((time.monotonic() - began) * 1000))

    def _send(self) -> Sent:
        settings = self.place.settings
        if not self.message_id:
            self.message = self.place.channel.render([notice_of(row) for row in self.rows])
            return self.place.channel.send(settings, self.message, [str(row.pk) for row in self.rows])
        channel = EDITING[self.place.kind]
        ends = {number: notice_of(row) for number, row in self.ends.items()}
        self.message = channel.render_end([row.shown or {} for row in self.posted], ends)
        return channel.edit(settings, self.message_id, self.message)


def jobs_of(place: Place, rows: Sequence[Delivery], firings: Mapping[Firing, Delivery]) -> list[Job]:
    """The rows of a place as jobs: the ends of what was posted there change it, all others are posted."""
    ends: dict[str, list[Delivery]] = {}
    new: list[Delivery] = []
    for row in rows:
        firing = ended_by(row, firings)
        if place.kind in EDITING and firing is not None and is_posted(firing):
            ends.setdefault(firing.message_id, []).append(row)
        else:
            new.append(row)
    return [*posts(place, new), *(_change(place, message_id, found) for message_id, found in ends.items())]


def posts(place: Place, rows: Sequence[Delivery]) -> list[Job]:
    """New messages with these rows, as many in each as the channel takes; those that go alone come first."""
    together = [row for row in rows if not row.is_alone]
    size = place.channel.MOST_TOGETHER
    parts = [[row] for row in rows if row.is_alone]
    parts += [together[start : start + size] for start in range(0, len(together), size)]
    return [post(place, part) for part in parts]


def post(place: Place, rows: Sequence[Delivery]) -> Job:
    """One new message with all these rows."""
    return Job(place, list(rows))


def firing_of(row: Delivery) -> Firing:
    """By what the firing is found whose end a row tells."""
    return row.event.alert_id, row.event.excursion, row.destination_id, row.fallback


def firings_for(rows: Sequence[Delivery]) -> dict[Firing, Delivery]:
    """The deliveries of the firings whose ends are among the rows."""
    ends = [row for row in rows if row.event.kind == Event.Kind.RESOLVED]
    if not ends:
        return {}
    alerts, excursions = {row.event.alert_id for row in ends}, {row.event.excursion for row in ends}
    found = Delivery.objects.filter(
        event__alert__in=alerts, event__excursion__in=excursions, event__kind=Event.Kind.FIRED
    )
    wanted = {firing_of(row) for row in ends}
    return {key: row for row in found.select_related("event") if (key := firing_of(row)) in wanted}


def ended_by(row: Delivery, firings: Mapping[Firing, Delivery]) -> Delivery | None:
    """The firing whose end a row tells; None for all that is no end, such as a test."""
    return firings.get(firing_of(row)) if row.event.kind == Event.Kind.RESOLVED else None


def is_early(row: Delivery, firings: Mapping[Firing, Delivery]) -> bool:
    """Whether a row tells the end of something whose beginning is still to be told at that place."""
    firing = ended_by(row, firings)
    return firing is not None and firing.state in (State.WAITING, State.RUNNING)


def is_vain(row: Delivery, firings: Mapping[Firing, Delivery]) -> bool:
    """Whether a row tells a silent end, which changes a message and never is one, and there is nothing to change."""
    firing = ended_by(row, firings)
    return bool(row.event.silenced_because) and not (firing is not None and is_posted(firing))


def is_posted(firing: Delivery) -> bool:
    """Whether a firing stands in a message that can be changed."""
    return bool(firing.message_id) and firing.shown is not None


def _change(place: Place, message_id: str, rows: list[Delivery]) -> Job:
    """One change of a message for all the ends in it; the embeds of the others stay as they are."""
    same: dict[str, Any] = {
        "destination": place.destination, "fallback": rows[0].fallback, "message_id": message_id,
    }  # fmt: skip
    there = Delivery.objects.filter(**same, shown__isnull=False).select_related("event")
    posted = sorted([*there, *Remnant.objects.filter(**same)], key=attrgetter("place"))
    # A test, or the word that there are no data, may be in the same message under the same numbers.
    places = {
        (row.event.alert_id, row.event.excursion): number
        for number, row in enumerate(posted)
        if isinstance(row, Delivery) and row.event.kind == Event.Kind.FIRED
    }
    ends = {places[row.event.alert_id, row.event.excursion]: row for row in rows}
    return Job(place, rows, message_id, posted, ends)
