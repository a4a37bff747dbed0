"""A destination's settings: checked by their channel, and encrypted where they are stored."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.conf import settings as django_settings

from accounts.models import Member, Workspace
from alerts.channels.registry import CHANNELS, bucket_of
from alerts.channels.shapes import ChannelError
from alerts.models import Destination
from moondev.lib.errors import Invalid
from moondev.lib.seal import Unsealable, seal, unseal


def check_settings(workspace: Workspace, kind: str, settings: Mapping[str, str]) -> dict[str, str]:
    """A channel's settings as they are stored. Raises Invalid at `/kind` and `/settings/<name>`."""
    if kind not in CHANNELS:
        raise Invalid.field("/kind", f"Choose one of {', '.join(CHANNELS)}.")
    checked = CHANNELS[kind].check(settings)
    if kind == Destination.Kind.EMAIL and not is_members_address(workspace.pk, checked["address"]):
        raise Invalid.field("/settings/address", "Mail goes to members of the workspace: invite this address first.")
    return checked


def is_members_address(workspace_id: int, address: str) -> bool:
    """Whether an address is that of somebody who belongs to a workspace: nobody else may be sent mail."""
    rows = Member.objects.filter(workspace=workspace_id, user__email__iexact=address, user__is_active=True)
    return rows.exists()


def usable_settings(destination: Destination) -> dict[str, str]:
    """The settings of a place to which something may be sent. Raises ChannelError, which switches it off."""
    try:
        settings = settings_of(destination)
    except Unsealable:
        raise ChannelError("The destination's secret can no longer be read: enter it again.", disables=True) from None
    is_mail = destination.kind == Destination.Kind.EMAIL
    if is_mail and not is_members_address(destination.workspace_id, settings["address"]):
        raise ChannelError("This address belongs to no member of the workspace any more.", disables=True)
    return settings


def settings_of(destination: Destination) -> dict[str, str]:
    """The unsealed settings. Raises Unsealable."""
    opened: dict[str, str] = json.loads(unseal(destination.sealed, django_settings.SEAL_KEYS))
    return opened


def put_settings(row: Destination, checked: Mapping[str, str]) -> tuple[str, ...]:
    """Give an unsaved row checked settings; returns the names of the fields that this changes."""
    row.sealed, row.hint = seal(json.dumps(checked), django_settings.SEAL_KEYS), CHANNELS[row.kind].hint(checked)
    row.bucket = bucket_of(row.kind, checked)
    return "sealed", "hint", "bucket"
