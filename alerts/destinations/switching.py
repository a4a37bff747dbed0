"""Switching destinations on and off, and choosing the default one."""

from __future__ import annotations

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from alerts.destinations.rows import locked, make_default, record
from alerts.models import Destination

SWITCHED_OFF = "Switched off by a member."
log = structlog.get_logger(__name__)


@transaction.atomic
def disable_destination(*, destination: Destination, actor: User | None) -> Destination:
    """Send nothing there until it is enabled; what is owed meanwhile is kept and can be sent again."""
    row = locked(destination, actor)
    if row.disabled_at is None:
        # A member did it, so nobody has to be told.
        row.disabled_at = row.owner_told_at = timezone.now()
        row.disabled_because = SWITCHED_OFF
        row.save(update_fields=["disabled_at", "disabled_because", "owner_told_at"])
        record("disabled", row, actor)
    return row


@transaction.atomic
def enable_destination(*, destination: Destination, actor: User | None) -> Destination:
    """Send there again, from now on. What was missed is sent by `resend_missed`."""
    row = locked(destination, actor)
    row.save(update_fields=switch_on(row))
    record("enabled", row, actor)
    return row


def switch_off(row: Destination, because: str) -> bool:
    """Send nothing to a place that takes nothing any more; the owner is told.

    False when nobody is to be told: it has another address by now, or is off already.
    """
    found = Destination.objects.filter(pk=row.pk, sealed=row.sealed, disabled_at=None, deleted_at=None)
    if not found.update(disabled_at=timezone.now(), disabled_because=because[:200]):
        return False
    record("disabled", row, None, because=because)
    log.warning("a destination was switched off", destination=row.pk, channel=row.kind, said=because)
    return True


def switch_on(row: Destination) -> tuple[str, ...]:
    """Let an unsaved row take messages at once; returns the names of the fields that this changes."""
    row.disabled_at, row.disabled_because, row.paused_until, row.failures = None, "", None, 0
    row.owner_told_at = None
    return "disabled_at", "disabled_because", "paused_until", "failures", "owner_told_at"


@transaction.atomic
def set_default(*, destination: Destination, actor: User | None, is_default: bool = True) -> Destination:
    """Send alerts that name no destination there, or no longer."""
    row = locked(destination, actor)
    if is_default:
        make_default(row)
    else:
        row.is_default = False
        row.save(update_fields=["is_default"])
    record("made_default" if is_default else "no_longer_default", row, actor)
    return row
