"""Destinations of a workspace: making, changing, testing them, and sending again what they missed.

An actor of None is the holder of a key with scope `alerts`, or the system. What lets one post there is shown to nobody
again; the one exception is the secret of a webhook, which we make and show once.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Member, User, Workspace
from accounts.roles import Deed
from accounts.services.access import access_workspace, check_open, lock_workspace
from alerts.channels.registry import CHANNELS
from alerts.channels.shapes import ChannelError
from alerts.models import Delivery, Destination
from alerts.outbox import DELIVER
from alerts.wording import trial
from billing.doers import access_row
from billing.wake import wake
from moondev.lib.errors import Conflict, Invalid
from moondev.lib.queue import State
from moondev.lib.seal import seal, unseal

MOST_DESTINATIONS = 50
LONGEST_NAME = 80
# Seconds: whoever tests cannot make us flood somebody.
LEAST_BETWEEN_TESTS = 2.0
SWITCHED_OFF = "Switched off by a member."


class Created(NamedTuple):
    """A new destination, and the secret with which its receiver checks signatures: shown now and never again."""

    destination: Destination
    secret: str


@dataclass(frozen=True, slots=True)
class Tested:
    """What became of a test message: the other side's answer in words, and its HTTP status if there was one."""

    succeeded: bool
    said: str
    status: int | None
    took_ms: int


@transaction.atomic
def create_destination(
    *,
    workspace: Workspace,
    actor: User | None,
    kind: str,
    name: str,
    settings: Mapping[str, str],
    is_default: bool = False,
) -> Created:
    """Add a place. Raises NotFound, Forbidden, Conflict (closed, or too many) and Invalid (`/kind`, `/name`, ...)."""
    found = _access(workspace, actor)
    checked = check_settings(found, kind, settings)
    _check_room(found)
    row = Destination(workspace=found, kind=kind, name=check_name(name), created_by=actor)
    row.sealed, row.hint = _sealed(checked), CHANNELS[kind].hint(checked)
    row.save()
    if is_default:
        _make_default(row)
    audit.record(action="destination.created", workspace=found, actor=actor, target=row.name, kind=kind)
    return Created(row, checked.get("secret", ""))


@transaction.atomic
def discord_destination(*, workspace: Workspace, actor: User | None, url: str) -> Destination:
    """The workspace's destination with this Discord webhook; made if there is none. Raises as `create_destination`.

    A URL that is refused is named at `/discord_webhook_url`.
    """
    found = _access(workspace, actor)
    try:
        checked = check_settings(found, Destination.Kind.DISCORD, {"url": url})
    except Invalid as error:
        raise Invalid.field("/discord_webhook_url", error.detail) from None
    rows: Iterable[Destination] = Destination.objects.for_workspace(found).filter(
        kind=Destination.Kind.DISCORD, deleted_at=None
    )
    for row in rows:
        if settings_of(row) == checked:
            return row
    hint = CHANNELS[Destination.Kind.DISCORD].hint(checked)
    made = create_destination(
        workspace=found, actor=actor, kind=Destination.Kind.DISCORD, name=hint[:LONGEST_NAME], settings=checked
    )
    return made.destination


@transaction.atomic
def rename_destination(*, destination: Destination, actor: User | None, name: str) -> Destination:
    """Give a place another name. Raises Invalid at `/name`."""
    row = _locked(destination, actor)
    before, row.name = row.name, check_name(name)
    row.save(update_fields=["name"])
    _record("renamed", row, actor, before=before)
    return row


@transaction.atomic
def delete_destination(*, destination: Destination, actor: User | None) -> None:
    """Forget a place and its secret; its rows stay for the history. Alerts that named it go to the default one."""
    row = _locked(destination, actor)
    row.alerts.clear()
    row.sealed, row.is_default, row.deleted_at = "", False, timezone.now()
    row.save(update_fields=["sealed", "is_default", "deleted_at"])
    _record("deleted", row, actor)


@transaction.atomic
def disable_destination(*, destination: Destination, actor: User | None) -> Destination:
    """Send nothing there until it is enabled; what is owed meanwhile is kept and can be sent again."""
    row = _locked(destination, actor)
    if row.disabled_at is None:
        # A member did it, so nobody has to be told.
        row.disabled_at = row.owner_told_at = timezone.now()
        row.disabled_because = SWITCHED_OFF
        row.save(update_fields=["disabled_at", "disabled_because", "owner_told_at"])
        _record("disabled", row, actor)
    return row


@transaction.atomic
def enable_destination(*, destination: Destination, actor: User | None) -> Destination:
    """Send there again, from now on. What was missed is sent by `resend_missed`."""
    row = _locked(destination, actor)
    row.disabled_at, row.disabled_because, row.paused_until, row.failures = None, "", None, 0
    row.owner_told_at = None
    row.save(update_fields=["disabled_at", "disabled_because", "paused_until", "failures", "owner_told_at"])
    _record("enabled", row, actor)
    return row


@transaction.atomic
def set_default(*, destination: Destination, actor: User | None, is_default: bool = True) -> Destination:
    """Send alerts that name no destination there, or no longer."""
    row = _locked(destination, actor)
    if is_default:
        _make_default(row)
    else:
        row.is_default = False
        row.save(update_fields=["is_default"])
    _record("made_default" if is_default else "no_longer_default", row, actor)
    return row


def send_test(*, destination: Destination, actor: User | None) -> Tested:
    """Send a test message now and tell what the other side said. Waits for the answer, up to ten seconds."""
    _access(destination.workspace, actor)
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
    row = _locked(destination, actor)
    check_usable(row)
    missed = Delivery.objects.filter(destination=row, state=State.PARKED)
    count = missed.update(state=State.WAITING, due_at=timezone.now(), attempts=0, finished_at=None)
    wake(DELIVER)
    _record("resent", row, actor, deliveries=count)
    return count


def check_name(name: str) -> str:
    """The name as it is stored. Raises Invalid at `/name`."""
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= LONGEST_NAME:
        raise Invalid.field("/name", f"Give it a name of 1 to {LONGEST_NAME} characters.")
    return cleaned


def check_settings(workspace: Workspace, kind: str, settings: Mapping[str, str]) -> dict[str, str]:
    """A channel's settings as they are stored. Raises Invalid at `/kind` and `/settings/<name>`."""
    if kind not in CHANNELS:
        raise Invalid.field("/kind", f"Choose one of {', '.join(CHANNELS)}.")
    checked = CHANNELS[kind].check(settings)
    if kind == Destination.Kind.EMAIL and not is_members_address(workspace.pk, checked["address"]):
        raise Invalid.field("/settings/address", "Mail goes to members of the workspace: invite this address first.")
    return checked


def check_usable(destination: Destination) -> None:
    """Raise Conflict when nothing may be sent to a place."""
    if destination.deleted_at is not None:
        raise Conflict("This destination was deleted.")
    if destination.disabled_at is not None:
        raise Conflict("This destination is switched off. Enable it first.")


def _check_rested(destination: Destination) -> None:
    """Raise Conflict while the other side wants to be left alone, or the last test was just now."""
    row = Destination.objects.get(pk=destination.pk)
    left = (row.paused_until - timezone.now()).total_seconds() if row.paused_until else 0.0
    if left > 0:
        raise Conflict(f"Something was sent there just now. Try again in {math.ceil(left)} seconds.")


def _rest(destination: Destination, seconds: float) -> None:
    until = timezone.now() + timedelta(seconds=seconds)
    Destination.objects.filter(pk=destination.pk).update(paused_until=until)


def is_members_address(workspace_id: int, address: str) -> bool:
    """Whether an address is that of somebody who belongs to a workspace: nobody else may be sent mail."""
    rows = Member.objects.filter(workspace=workspace_id, user__email__iexact=address, user__is_active=True)
    return rows.exists()


def settings_of(destination: Destination) -> dict[str, str]:
    """The unsealed settings. Raises Unsealable."""
    opened: dict[str, str] = json.loads(unseal(destination.sealed, django_settings.SEAL_KEYS))
    return opened


def _sealed(settings: Mapping[str, str]) -> str:
    return seal(json.dumps(settings), django_settings.SEAL_KEYS)


def _access(workspace: Workspace, actor: User | None) -> Workspace:
    if actor is not None:
        access_workspace(actor, workspace, Deed.MANAGE)
    check_open(workspace)
    return workspace


def _locked(destination: Destination, actor: User | None) -> Destination:
    """The row as it is now, locked. Raises NotFound, Forbidden, and Conflict when it was deleted."""
    row: Destination = Destination.objects.select_for_update().get(pk=destination.pk)
    _access(row.workspace, actor)
    if row.deleted_at is not None:
        raise Conflict("This destination was deleted.")
    return row


def _check_room(workspace: Workspace) -> None:
    lock_workspace(workspace)
    if Destination.objects.for_workspace(workspace).filter(deleted_at=None).count() >= MOST_DESTINATIONS:
        raise Conflict(f"A workspace has at most {MOST_DESTINATIONS} destinations. Delete one first.")


def _make_default(row: Destination) -> None:
    lock_workspace(row.workspace_id)
    Destination.objects.for_workspace(row.workspace_id).exclude(pk=row.pk).update(is_default=False)
    row.is_default = True
    row.save(update_fields=["is_default"])


def _record(deed: str, row: Destination, actor: User | None, **data: Any) -> None:
    audit.record(action=f"destination.{deed}", workspace=row.workspace, actor=actor, target=row.name, **data)


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
