"""Template tags of the portal: moments in the reader's time zone, icons, counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86400


@register.simple_tag
def moment(value: datetime | None, missing: str = "never") -> str:
    """A moment in the reader's zone, with the UTC one as its tooltip."""
    return _time(value, "j M Y, H:i", missing)


@register.simple_tag
def day(value: datetime | None, missing: str = "never") -> str:
    return _time(value, "j M Y", missing)


@register.simple_tag
def ago(value: datetime | None, missing: str = "never") -> str:
    """How long ago or ahead a moment is, in the largest unit that fits."""
    if value is None:
        return missing
    return _tagged(value, distance(value - timezone.now()))


@register.simple_tag
def icon(name: str) -> SafeString:
    """A symbol of Unfold's icon font, unseen by screen readers."""
    return format_html('<span class="p-icon" aria-hidden="true">{}</span>', name)


@register.simple_tag
def zone_name() -> str:
    """The name of the zone in which this page shows times."""
    return timezone.get_current_timezone_name()


@register.filter
def initials(value: Any) -> str:
    """One or two capitals that stand for a name or an address."""
    words = str(value).replace("@", " ").replace(".", " ").split()
    return "".join(word[0] for word in words[:2]).upper() or "?"


def distance(span: timedelta) -> str:
    """`-90 s` as "1 min ago", `2 days` as "in 2 days"."""
    seconds = abs(span.total_seconds())
    if seconds < MINUTE:
        return "just now" if span.total_seconds() <= 0 else "in a moment"
    text = _largest(int(seconds))
    return f"{text} ago" if span.total_seconds() < 0 else f"in {text}"


def _largest(seconds: int) -> str:
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        return f"{seconds // HOUR} h"
    days = seconds // DAY
    return "1 day" if days == 1 else f"{days} days"


def _time(value: datetime | None, form: str, missing: str) -> str:
    if value is None:
        return missing
    return _tagged(value, date_format(timezone.localtime(value), form))


def _tagged(value: datetime, text: str) -> SafeString:
    utc = value.astimezone(timezone.get_fixed_timezone(0))
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        f"{utc:%Y-%m-%d %H:%M}",
        text,
    )
