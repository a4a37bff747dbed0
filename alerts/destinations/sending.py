"""Testing destinations, and sending again what they missed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.services.access import check_open
from alerts import rests
from alerts.channels.registry import CHANNELS
from alerts.channels.shapes import ChannelError, Sent
from alerts.destinations.rows import access, check_usable, locked, record
from alerts.destinations.sealed import usable_settings
from alerts.destinations.switching import switch_off
from alerts.models import Delivery, Destination
from alerts.outbox import DELIVER
from alerts.wording import trial
from billing.doers import access_row
from billing.wake import wake
from moondev.lib.clock import now
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
    """Send a test message now and tell what the other side said. Waits for the answer, up to ten seconds.

    What it says holds as for every other message: a limit is kept, and a place that is no more is switched off.
    """
    access(destination.workspace, actor)
    check_usable(destination)
    held, began = rests.hold(destination), time.monotonic()
    try:
        sent = _send_trial(destination)
    except ChannelError as error:
        _heed(destination, error)
        rests.release(destination, held, max(error.retry_after or 0.0, error.wait, LEAST_BETWEEN_TESTS))
        return Tested(False, error.message, error.status, _since(began))
    rests.release(destination, held, max(sent.wait, LEAST_BETWEEN_TESTS))
    return Tested(True, sent.said, sent.status, _since(began))


def _send_trial(destination: Destination) -> Sent:
    channel, notice = CHANNELS[destination.kind], trial(destination.workspace)
    return channel.send(usable_settings(destination), channel.render([notice]), [notice.delivery_id])


@transaction.atomic
def _heed(destination: Destination, error: ChannelError) -> None:
    """What a refusal of a test means for all that is sent there."""
    if error.disables:
        switch_off(destination, error.message)
    if error.is_limit and error.scope == "channel":
        rests.rest_all(destination.kind, now() + timedelta(seconds=error.retry_after or LEAST_BETWEEN_TESTS))


@transaction.atomic
def resend(*, delivery: Delivery, actor: User | None) -> None:
    """Send a delivery that was parked once more.

    Raises Conflict while it waits, runs or was sent, and where its place takes nothing.
    """
    alert = delivery.event.alert
    if actor is not None:
        access_row(actor, alert, what="alert")
    check_open(alert.workspace)
    if delivery.destination is not None:
        check_usable(delivery.destination)
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


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
