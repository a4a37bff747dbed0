"""What an alert's fields may hold, one function a field. A refusal is a ValueError that says what would be taken.

Values come from JSON or from a form: a moment or a time of day may be text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import available_timezones

from django.utils.dateparse import parse_datetime, parse_time
from django.utils.timezone import is_naive

from alerts.channels.registry import CHANNELS
from alerts.models import Destination
from alerts.models.alert import LONGEST_WINDOW, SHORTEST_WINDOW, Direction, Kind
from alerts.wording import check_template
from moondev.lib.clock import now
from moondev.lib.errors import Invalid

LONGEST_FOR = LONGEST_WINDOW
LONGEST_COOLDOWN = 30 * 24 * 60
LONGEST_SILENCE = timedelta(days=366)
LONGEST_DESCRIPTION, LONGEST_SYMBOL, LONGEST_TEMPLATE = 200, 40, 1000
LEAST_AMOUNT, MOST_AMOUNT = 1e-9, 1e15
MOST_DESTINATIONS = 20
HIGHEST_ID = 2**63 - 1
# Control characters and halves of characters: no text of a person has them.
UNWANTED = ("Cc", "Cs")


def choice_of(choices: list[str], value: Any) -> str:
    if value not in choices:
        raise ValueError(f"Choose one of {', '.join(choices)}.")
    return str(value)


def amount_of(value: Any) -> float:
    """A positive number, not so large or small that to reckon with it gives none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not LEAST_AMOUNT <= value <= MOST_AMOUNT:
        raise ValueError(f"Send a number above 0, from {LEAST_AMOUNT:.9f} to {MOST_AMOUNT:,.0f}.")
    return float(value)


def whole_of(what: str, low: int, high: int, value: Any) -> int:
    """A whole number of minutes or days; 15.0 is one."""
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole or not low <= value <= high:
        raise ValueError(f"Send a whole number of {what} from {low} to {high:,}.")
    return int(value)


def text_of(longest: int, value: Any) -> str:
    """A text on one line without blanks around it."""
    lines = lines_of(longest, value)
    return " ".join(lines.split())


def lines_of(longest: int, value: Any) -> str:
    """A text of one line or several."""
    text = value.replace("\r\n", "\n").strip() if isinstance(value, str) else None
    if text is None or len(text) > longest:
        raise ValueError(f"Send a text of at most {longest:,} characters.")
    if any(unicodedata.category(letter) in UNWANTED for letter in text if letter not in "\n\t"):
        raise ValueError("Leave out the control characters.")
    return text


def template_of(value: Any) -> str:
    """A text with named fields in braces."""
    text = lines_of(LONGEST_TEMPLATE, value)
    try:
        return check_template(text)
    except Invalid as error:
        raise ValueError(error.detail) from None


def flag_of(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("Send true or false.")
    return value


def hour_of(value: Any) -> time:
    """A time of day; the alert's time zone says where."""
    found = value if isinstance(value, time) else _parsed(parse_time, value)
    if not isinstance(found, time) or found.tzinfo is not None:
        raise ValueError("Send a time of day as HH:MM.")
    return found


def zone_of(value: Any) -> str:
    if not isinstance(value, str) or value not in available_timezones():
        raise ValueError("Send the name of a time zone, as Europe/Berlin or UTC.")
    return value


def silence_of(value: Any) -> datetime:
    """A moment up to which nothing is sent."""
    found = value if isinstance(value, datetime) else _parsed(parse_datetime, value)
    if not isinstance(found, datetime) or is_naive(found) or not now() < found <= now() + LONGEST_SILENCE:
        raise ValueError("Send a moment in the future, at most a year away, with its offset from UTC.")
    return found


def ids_of(value: Any) -> list[int]:
    """Ids of destinations without doubles; whether there are such is seen where the workspace is known."""
    ids = list(dict.fromkeys(value)) if isinstance(value, list | tuple) and all(map(_is_id, value)) else None
    if ids is None or len(ids) > MOST_DESTINATIONS:
        raise ValueError(f"Send a list of at most {MOST_DESTINATIONS} ids of destinations.")
    return ids


def discord_url_of(value: Any) -> str:
    """The URL of a Discord webhook; an empty one is none."""
    text = text_of(LONGEST_TEMPLATE, value)
    try:
        if text:
            CHANNELS[Destination.Kind.DISCORD].check({"url": text})
    except Invalid as error:
        raise ValueError(error.detail) from None
    # As it came: it may name a thread.
    return text


FIELDS: Mapping[str, Callable[[Any], Any]] = {
    "type": partial(choice_of, Kind.values),
    "threshold": amount_of,
    "window_minutes": partial(whole_of, "minutes", SHORTEST_WINDOW, LONGEST_WINDOW),
    "symbol": partial(text_of, LONGEST_SYMBOL),
    "direction": partial(choice_of, Direction.values),
    "description": partial(text_of, LONGEST_DESCRIPTION),
    "recovery_threshold": amount_of,
    "for_minutes": partial(whole_of, "minutes", 0, LONGEST_FOR),
    "cooldown_minutes": partial(whole_of, "minutes", 0, LONGEST_COOLDOWN),
    "quiet_from": hour_of,
    "quiet_until": hour_of,
    "time_zone": zone_of,
    "snoozed_until": silence_of,
    "enabled": flag_of,
    "is_shared": flag_of,
    "template": template_of,
    "destinations": ids_of,
    "discord_webhook_url": discord_url_of,
}


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= HIGHEST_ID


def _parsed(parse: Callable[[str], Any], value: Any) -> Any:
    """What Django reads in a text; None for what is no text or no such thing."""
    try:
        return parse(value) if isinstance(value, str) else None
    except ValueError:
        return None
