"""Destinations of a workspace: making, changing, testing them, and sending again what they missed.

An actor of None is the holder of a key with scope `alerts`, or the system. What lets one post there is shown to nobody
again; the one exception is the secret of a webhook, which we make and show once.
"""

from alerts.destinations.making import (
    LONGEST_NAME,
    Created,
    change_destination,
    create_destination,
    delete_destination,
    discord_destination,
    rename_destination,
    rotate_secret,
)
from alerts.destinations.sealed import settings_of, usable_settings
from alerts.destinations.sending import Tested, resend, resend_missed, send_test
from alerts.destinations.switching import SWITCHED_OFF, disable_destination, enable_destination, set_default, switch_off

__all__ = [
    "LONGEST_NAME",
    "SWITCHED_OFF",
    "Created",
    "Tested",
    "change_destination",
    "create_destination",
    "delete_destination",
    "disable_destination",
    "discord_destination",
    "enable_destination",
    "rename_destination",
    "resend",
    "resend_missed",
    "rotate_secret",
    "send_test",
    "set_default",
    "settings_of",
    "switch_off",
    "usable_settings",
]
