"""Making, renaming and deleting destinations, and pointing them elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import User, Workspace
from accounts.services.access import lock_workspace
from alerts.channels import webhook
from alerts.channels.registry import CHANNELS, bucket_of
from alerts.destinations.rows import access, locked, make_default, record
from alerts.destinations.sealed import check_settings, put_settings, settings_of
from alerts.destinations.switching import switch_on
from alerts.models import Destination, Remnant
from moondev.lib.errors import Conflict, Invalid
from moondev.lib.seal import Unsealable

MOST_DESTINATIONS = 50
LONGEST_NAME = 80


class Created(NamedTuple):
    """A new destination, and the secret with which its receiver checks signatures: shown now and never again."""

    destination: Destination
    secret: str


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
    found = access(workspace, actor)
    checked = check_settings(found, kind, settings)
    _check_room(found)
    row = Destination(workspace=found, kind=kind, name=check_name(name), created_by=actor)
    put_settings(row, checked)
    row.save()
    if is_default:
        make_default(row)
    audit.record(action="destination.created", workspace=found, actor=actor, target=row.name, kind=kind)
    return Created(row, checked.get("secret", ""))


@transaction.atomic
def discord_destination(*, workspace: Workspace, actor: User | None, url: str) -> Destination:
    """The workspace's destination with this Discord webhook; made if there is none. Raises as `create_destination`.

    A URL that is refused, or whose destination is switched off, is named at `/discord_webhook_url`.
    """
    found = access(workspace, actor)
    try:
        checked = check_settings(found, Destination.Kind.DISCORD, {"url": url})
    except Invalid as error:
        raise Invalid.field("/discord_webhook_url", error.detail) from None
    rows = [row for row in _with_bucket_of(found, checked) if _holds(row, checked)]
    if rows:
        return _usable_of(rows)
    hint = CHANNELS[Destination.Kind.DISCORD].hint(checked)
    made = create_destination(
        workspace=found, actor=actor, kind=Destination.Kind.DISCORD, name=hint[:LONGEST_NAME], settings=checked
    )
    return made.destination


@transaction.atomic
def rename_destination(*, destination: Destination, actor: User | None, name: str) -> Destination:
    """Give a place another name. Raises Invalid at `/name`."""
    row = locked(destination, actor)
    before, row.name = row.name, check_name(name)
    row.save(update_fields=["name"])
    record("renamed", row, actor, before=before)
    return row


@transaction.atomic
def change_destination(*, destination: Destination, actor: User | None, settings: Mapping[str, str]) -> Created:
    """Point a place to another address of its channel and switch it on; `resend_missed` sends there what was missed.

    A webhook keeps its secret; only one that can no longer be read is replaced, and then it is shown. Raises as
    `create_destination`.
    """
    row = locked(destination, actor)
    checked = check_settings(row.workspace, row.kind, settings)
    kept = _secrets_of(row)
    before = row.hint
    changed = put_settings(row, checked | kept) + switch_on(row)
    row.save(update_fields=changed)
    if row.hint != before:
        # What was posted stands at the old address, where nobody can change it from the new one.
        row.deliveries.exclude(message_id="").update(message_id="", shown=None)
        Remnant.objects.filter(destination=row).delete()
    record("changed", row, actor, before=before, after=row.hint)
    return Created(row, "" if kept else checked.get("secret", ""))


@transaction.atomic
def rotate_secret(*, destination: Destination, actor: User | None) -> Created:
    """Give a webhook a new secret; for a day messages are signed with the old one too. Raises Conflict."""
    row = locked(destination, actor)
    if row.kind != Destination.Kind.WEBHOOK:
        raise Conflict("Only a webhook has a secret.")
    try:
        rotated = webhook.rotated(settings_of(row))
    except Unsealable:
        raise Conflict("The address can no longer be read. Enter it again: a new secret comes with it.") from None
    row.save(update_fields=put_settings(row, rotated))
    record("secret_rotated", row, actor)
    return Created(row, rotated["secret"])


@transaction.atomic
def delete_destination(*, destination: Destination, actor: User | None) -> None:
    """Forget a place and its secret; its rows stay for the history. Alerts that named it go to the default one."""
    row = locked(destination, actor)
    row.alerts.clear()
    row.sealed, row.is_default, row.deleted_at = "", False, timezone.now()
    row.save(update_fields=["sealed", "is_default", "deleted_at"])
    record("deleted", row, actor)


def check_name(name: str) -> str:
    """The name as it is stored. Raises Invalid at `/name`."""
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= LONGEST_NAME:
        raise Invalid.field("/name", f"Give it a name of 1 to {LONGEST_NAME} characters.")
    return cleaned


def _with_bucket_of(workspace: Workspace, checked: Mapping[str, str]) -> QuerySet[Destination]:
    """The workspace's destinations with the webhook of these settings, whatever its token and thread."""
    bucket = bucket_of(Destination.Kind.DISCORD, checked)
    rows: QuerySet[Destination] = Destination.objects.for_workspace(workspace).filter(bucket=bucket, deleted_at=None)
    return rows


def _holds(row: Destination, checked: Mapping[str, str]) -> bool:
    """Whether a destination has exactly these settings; of one that can no longer be read nobody knows."""
    try:
        return settings_of(row) == checked
    except Unsealable:
        return False


def _usable_of(rows: list[Destination]) -> Destination:
    """One of them to which something may be sent. Raises Invalid where there is none."""
    usable = next((row for row in rows if row.disabled_at is None), None)
    if usable is None:
        said = f"This webhook's destination is switched off: {rows[0].disabled_because} Bring another one"
        raise Invalid.field("/discord_webhook_url", f"{said}, or switch “{rows[0].name}” on in the portal.")
    return usable


def _secrets_of(row: Destination) -> dict[str, str]:
    """What a webhook signs with, as long as it can be read."""
    try:
        return {name: value for name, value in settings_of(row).items() if name in webhook.SECRETS}
    except Unsealable:
        return {}


def _check_room(workspace: Workspace) -> None:
    lock_workspace(workspace)
    if Destination.objects.for_workspace(workspace).filter(deleted_at=None).count() >= MOST_DESTINATIONS:
        raise Conflict(f"A workspace has at most {MOST_DESTINATIONS} destinations. Delete one first.")
