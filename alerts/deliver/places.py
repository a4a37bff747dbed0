"""Where a delivery goes: a destination of the workspace, the operator's channel, or the owner's address."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Member, Role
from alerts.channels.registry import CHANNELS, bucket_of
from alerts.channels.shapes import Channel, ChannelError, Settings
from alerts.destinations import usable_settings
from alerts.models import Delivery, Destination
from alerts.operators import KIND, OPERATOR, operators_settings

OFF = "The destination is switched off: {}"


@dataclass(frozen=True, slots=True)
class Place:
    """A channel with the settings of one destination. What has the same key may go in one message.

    No destination: the operator's channel or an owner's address.
    """

    key: str
    kind: str
    settings: Settings
    destination: Destination | None = None

    @property
    def bucket(self) -> str:
        """What shares one limit with it at the other side; empty: nothing does."""
        if self.destination is not None:
            return self.destination.bucket
        return bucket_of(self.kind, self.settings)

    @property
    def lane(self) -> str:
        """Messages in the same lane go one after another."""
        return self.bucket or self.key

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
    return Place(key, row.kind, usable_settings(row), row)


def _of_operator(key: str) -> Place:
    settings = operators_settings()
    if settings is None:
        raise ChannelError("There is no operator's channel any more.", permanent=True)
    return Place(key, KIND, settings)


def _owners_address(workspace_id: int) -> str:
    owners = Member.objects.filter(workspace=workspace_id, role=Role.OWNER)
    address = owners.values_list("user__email", flat=True).first()
    if address is None:
        raise ChannelError("The workspace has no owner to write to.", permanent=True)
    return str(address)
