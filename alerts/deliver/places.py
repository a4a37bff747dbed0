"""Where a delivery goes: a destination of the workspace, the operator's channel, or the owner's address."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings as django_settings

from accounts.models import Member, Role
from alerts.channels.registry import CHANNELS
from alerts.channels.shapes import Channel, ChannelError, Settings
from alerts.destinations import is_members_address, settings_of
from alerts.models import Delivery, Destination
from alerts.outbox import OPERATOR
from moondev.lib.seal import Unsealable

OFF = "The destination is switched off: {}"


@dataclass(frozen=True, slots=True)
class Place:
    """A channel with the settings of one destination. Messages to the same key go one after another.

    No destination: the operator's channel or an owner's address.
    """

    key: str
    kind: str
    settings: Settings
    destination: Destination | None = None

    @property
    def channel(self) -> Channel:
        return CHANNELS[self.kind]


def key_of(delivery: Delivery) -> str:
    """Deliveries with the same key may go in one message."""
    if delivery.destination_id is not None:
        return f"destination {delivery.destination_id}"
    return OPERATOR if delivery.fallback == OPERATOR else f"owner of {delivery.event.alert.workspace_id}"


def place_of(delivery: Delivery) -> Place:
    """Where a delivery goes now. Raises ChannelError where nothing may be sent."""
    workspace = delivery.event.alert.workspace
    if not workspace.is_open:
        raise ChannelError("The workspace is closed.", permanent=True)
    key = key_of(delivery)
    if delivery.destination is not None:
        return _of_destination(key, delivery.destination)
    if delivery.fallback == OPERATOR:
        return _of_operator(key)
    return Place(key, Destination.Kind.EMAIL, {"address": _owners_address(workspace.pk)})


def _of_destination(key: str, row: Destination) -> Place:
    if row.deleted_at is not None:
        raise ChannelError("The destination was deleted.", permanent=True)
    if row.disabled_at is not None:
        raise ChannelError(OFF.format(row.disabled_because), permanent=True)
    try:
        settings = settings_of(row)
    except Unsealable:
        raise ChannelError("The destination's secret can no longer be read: enter it again.", disables=True) from None
    if row.kind == Destination.Kind.EMAIL and not is_members_address(row.workspace_id, settings["address"]):
        raise ChannelError("This address belongs to no member of the workspace any more.", disables=True)
    return Place(key, row.kind, settings, row)


def _of_operator(key: str) -> Place:
    url: str = django_settings.ALERTS_DISCORD_WEBHOOK_URL
    if not url:
        raise ChannelError("There is no operator's channel any more.", permanent=True)
    return Place(key, Destination.Kind.DISCORD, {"url": url})


def _owners_address(workspace_id: int) -> str:
    owners = Member.objects.filter(workspace=workspace_id, role=Role.OWNER)
    address = owners.values_list("user__email", flat=True).first()
    if address is None:
        raise ChannelError("The workspace has no owner to write to.", permanent=True)
    return str(address)
