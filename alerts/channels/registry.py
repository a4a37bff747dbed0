"""Every channel, by the kind of destination that it serves."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.channels import discord, email, slack, telegram, webhook
from alerts.channels.shapes import Channel, EditingChannel, Settings
from alerts.models import Destination

CHANNELS: Mapping[str, Channel] = {
    Destination.Kind.DISCORD: discord,
    Destination.Kind.EMAIL: email,
    Destination.Kind.WEBHOOK: webhook,
    Destination.Kind.TELEGRAM: telegram,
    Destination.Kind.SLACK: slack,
}
# Those whose messages can be changed after they were posted.
EDITING: Mapping[str, EditingChannel] = {Destination.Kind.DISCORD: discord}


def bucket_of(kind: str, settings: Settings) -> str:
    """What shares one limit at the other side, whatever stands beside it in the settings; empty: they alone."""
    shared = CHANNELS[kind].bucket(settings)
    return f"{kind} {shared}" if shared else ""
