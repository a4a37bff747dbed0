"""The operator's own Discord channel, to which alerts without a destination may go."""

from __future__ import annotations

from django.conf import settings as django_settings

from alerts.channels.registry import CHANNELS, bucket_of
from alerts.models import Destination
from moondev.lib.errors import Invalid

# Stands for that channel where a delivery or a pause names a place.
OPERATOR = "operator"
KIND = Destination.Kind.DISCORD.value


def operators_settings() -> dict[str, str] | None:
    """The channel's settings, cleaned as a customer's are; None where there is none, or one that is no use."""
    try:
        return check_operators_settings()
    # The system check has said so, and messages go to the owners instead of nowhere.
    except Invalid:
        return None


def check_operators_settings() -> dict[str, str] | None:
    """The same. Raises Invalid for what is no webhook of Discord's."""
    url = django_settings.ALERTS_DISCORD_WEBHOOK_URL.strip()
    return CHANNELS[KIND].check({"url": url}) if url else None


def operators_bucket() -> str:
    """What shares a limit with it; empty where there is no such channel."""
    found = operators_settings()
    return bucket_of(KIND, found) if found else ""
