"""Every channel, by the kind of destination that it serves."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.channels import discord, email, slack, telegram, webhook
from alerts.channels.shapes import Channel, EditingChannel
from alerts.models import Destination

CHANNELS: Mapping[str, Channel] = {
    Destination.Kind.DISCORD: discord,
    Destination.Kind.EMAIL: email,
    Destination.Kind.WEBHOOK: webhook,
    Destination.Kind.TELEGRAM: telegram,
    Destination.Kind.SLACK: slack,
}
EDITING: Mapping[str, EditingChannel] = {Destination.Kind.DISCORD: discord}
