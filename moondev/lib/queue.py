"""Rows as a queue: work is a row with a state, claimed by conditional UPDATE; a message is only a wake-up.

A message may be lost or doubled. What was claimed and not settled before its lease ran out is claimed again, so work
is done at least once, and a worker that comes back late cannot settle what another has claimed meanwhile.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

LEASE = timedelta(seconds=60)
AT_ONCE = timedelta()
LONGEST_ERROR = 500


class State(models.TextChoices):
    """What has become of a row."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    # Tried for the last time, or broken for good: a person has to look at it.
    PARKED = "parked"


class QueueRows(models.QuerySet[Any]):
    """The rows of one queue."""

    def due(self, at: datetime | None = None) -> Self:
        """Rows to be worked on now: waiting and due, or claimed by somebody whose lease has run out."""
        moment = at or timezone.now()
        return self.filter(Q(state=State.WAITING, due_at__lte=moment) | Q(state=State.RUNNING, lease_until__lte=moment))

    def claim(self, limit: int, *, lease: timedelta = LEASE) -> list[Any]:
        """Take up to `limit` due rows, the longest due first; no other worker gets them until the lease runs out."""
        now = timezone.now()
        with transaction.atomic():
            free = self.due(now).order_by("due_at", "pk").select_for_update(skip_locked=True)
            found = list(free.values_list("pk", flat=True)[:limit])
            self.model._base_manager.filter(pk__in=found).update(
                state=State.RUNNING, attempts=F("attempts") + 1, lease_until=now + lease
            )
        return list(self.model._base_manager.filter(pk__in=found).order_by("due_at", "pk"))


class QueueRow(models.Model):
    """A piece of work: its state, how often it was tried and what went wrong the last time."""

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING, editable=False)
    attempts = models.PositiveIntegerField(default=0, editable=False)
    due_at = models.DateTimeField(default=timezone.now, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=LONGEST_ERROR, blank=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    def finish(self) -> bool:
        """Done. False when the lease ran out and somebody else has the row."""
        return self._settle(state=State.DONE, finished_at=timezone.now(), lease_until=None, last_error="")

    def retry(self, error: str, *, after: timedelta) -> bool:
        """Not this time: due again after a while, with a tenth of jitter so that many rows do not come at once."""
        wait = after * (1 + random.random() / 10)  # noqa: S311
        return self._settle(
            state=State.WAITING, due_at=timezone.now() + wait, lease_until=None, last_error=error[:LONGEST_ERROR]
        )

    def give_back(self, error: str = "", *, after: timedelta = AT_ONCE) -> bool:
        """Not tried at all, so it does not count as an attempt: due again as if nobody had claimed it."""
        return self._settle(
            state=State.WAITING,
            due_at=self.due_at if not after else timezone.now() + after,
            attempts=self.attempts - 1,
            lease_until=None,
            last_error=error[:LONGEST_ERROR],
        )

    def park(self, error: str) -> bool:
        """Never by itself: a person has to look at it."""
        return self._settle(
            state=State.PARKED, finished_at=timezone.now(), lease_until=None, last_error=error[:LONGEST_ERROR]
        )

    def requeue(self) -> bool:
        """Due now, once more from the first attempt. False while somebody works on it."""
        rows = type(self)._base_manager.filter(pk=self.pk).exclude(state=State.RUNNING)
        values = {"state": State.WAITING, "due_at": timezone.now(), "attempts": 0, "finished_at": None}
        return self._store(rows, values)

    def _settle(self, **values: Any) -> bool:
        # The fence: a later claim has another end, whether or not the attempts began anew in between.
        mine = {"state": State.RUNNING, "attempts": self.attempts, "lease_until": self.lease_until}
        rows = type(self)._base_manager.filter(pk=self.pk, **mine)
        return self._store(rows, values)

    def _store(self, rows: models.QuerySet[Any], values: dict[str, Any]) -> bool:
        if not rows.update(**values):
            return False
        for name, value in values.items():
            setattr(self, name, value)
        return True
