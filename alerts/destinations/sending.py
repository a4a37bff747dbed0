"""Testing destinations, and sending again what they missed."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.services.access import check_open
from alerts.channels.registry import CHANNELS
from alerts.channels.shapes import ChannelError
from alerts.destinations.rows import access, check_usable, locked, record
from alerts.destinations.sealed import settings_of
from alerts.models import Delivery, Destination
from alerts.outbox import DELIVER
from alerts.wording import trial
from billing.doers import access_row
from billing.wake import wake
from moondev.lib.errors import Conflict
from moondev.lib.queue import State

# Seconds: whoever tests cannot make us flood somebody.
LEAST_BETWEEN_TESTS = 2.0


@dataclass(frozen=True, slots=True)
class Tested:
    """What became of a test message: the other side's answer in words, and its HTTP status if there was one."""

    succeeded: bool
    said: str
    status: int | None
    took_ms: int


def send_test(*, destination: Destination, actor: User | None) -> Tested:
    """Send a test message now and tell what the other side said. Waits for the answer, up to ten seconds."""
    access(destination.workspace, actor)
    check_usable(destination)
    _check_rested(destination)
    channel, began = CHANNELS[destination.kind], time.monotonic()
    notice = trial(destination.workspace)
    try:
        sent = channel.send(settings_of(destination), channel.render([notice]), [notice.delivery_id])
    except ChannelError as error:
        _rest(destination, error.retry_after or LEAST_BETWEEN_TESTS)
        return Tested(False, error.message, error.status, _since(began))
    _rest(destination, max(sent.wait, LEAST_BETWEEN_TESTS))
    return Tested(True, sent.said, sent.status, _since(began))


@transaction.atomic
def resend(*, delivery: Delivery, actor: User | None) -> None:
    """Send a delivery that was parked once more. Raises Conflict while it waits, runs or was sent."""
    alert = delivery.event.alert
    if actor is not None:
        access_row(actor, alert, what="alert")
    check_open(alert.workspace)
    if delivery.state != State.PARKED or not delivery.requeue():
        raise Conflict("Only a message that was given up can be sent again.")
    audit.record(action="delivery.resent", workspace=alert.workspace, actor=actor, target=alert.pk)
    wake(DELIVER)


@transaction.atomic
def resend_missed(*, destination: Destination, actor: User | None) -> int:
    """Send everything that a place missed; returns how many there are."""
    row = locked(destination, actor)
    check_usable(row)
    missed = Delivery.objects.filter(destination=row, state=State.PARKED)
    count = missed.update(state=State.WAITING, due_at=timezone.now(), attempts=0, finished_at=None)
    wake(DELIVER)
    record("resent", row, actor, deliveries=count)
    return count


def _check_rested(destination: Destination) -> None:
    """Raise Conflict while the other side wants to be left alone, or the last test was just now."""
    row = Destination.objects.get(pk=destination.pk)
    left = (row.paused_until - timezone.now()).total_seconds() if row.paused_until else 0.0
    if left > 0:
        raise Conflict(f"Something was sent there just now. Try again in {math.ceil(left)} seconds.")


def _rest(destination: Destination, seconds: float) -> None:
    until = timezone.now() + timedelta(seconds=seconds)
    Destination.objects.filter(pk=destination.pk).update(paused_until=until)


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
