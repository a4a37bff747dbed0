"""Template filters of the pages about backtests: numbers in words, moments of bars in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import template

from backtests.datasets.timeframes import name_of
from backtests.portal import words
from backtests.portal.words import MISSING

register = template.Library()
register.filter("plain", words.plain)
register.filter("percent", words.percent)
register.filter("ratio", words.ratio)
register.filter("tone", words.tone_of)
register.filter("timeframe", name_of)

MINUTE, HOUR, DAY = 60, 3600, 86400


@register.filter
def utc(seconds: int | None) -> str:
    """Seconds since 1970 as `2024-03-12 14:00`."""
    return MISSING if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"


@register.filter
def utc_micros(micros: int | None) -> str:
    """Microseconds since 1970 as `2024-03-12 14:00:00`."""
    return MISSING if micros is None else f"{datetime.fromtimestamp(micros / 1e6, UTC):%Y-%m-%d %H:%M:%S}"


@register.filter
def spaced(name: str) -> str:
    """`atr_period` as `atr period`."""
    return name.replace("_", " ")


@register.filter
def span(seconds: int) -> str:
    """How long something took, in its two largest units: `2 d 3 h`."""
    days, rest = divmod(int(seconds), DAY)
    hours, rest = divmod(rest, HOUR)
    if days:
        return f"{days:,} d {hours} h" if hours else f"{days:,} d"
    minutes = rest // MINUTE
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


@register.filter
def money(value: float | None) -> str:
    """`1,234.56`, with a sign for a loss."""
    return MISSING if value is None else f"{value:,.2f}"


@register.filter
def short_money(value: float | None) -> str:
    """`1.25M`: a large sum of USD in few characters."""
    if value is None:
        return MISSING
    for limit, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:,.2f}{letter}"
    return f"{value:,.0f}"


@register.filter
def months_percent(value: float | None) -> str:
    """A month's return; nothing where there was no month."""
    return "" if value is None else f"{value:+.1f}"


@register.filter
def shade(value: float | None) -> str:
    """The ground of a month: four steps a side, at 1, 3, 7 and 15 percent."""
    if value is None or abs(value) < 0.05:
        return "h0"
    step = sum(abs(value) >= limit for limit in (1, 3, 7, 15)) or 1
    return f"h{'p' if value > 0 else 'n'}{min(step, 4)}"


@register.filter
def at(values: Any, place: int) -> Any:
    """One of several by its place."""
    return values[place]


@register.filter
def bar_day(value: datetime) -> str:
    """The day of a bar in UTC, whatever the reader's zone: `1 Jan 2024`."""
    moment = value.astimezone(UTC)
    return f"{moment.day} {moment:%b %Y}"


@register.filter
def bar_time(value: datetime) -> str:
    """The moment of a bar in UTC: `1 Jan 2024, 14:00`."""
    return f"{bar_day(value)}, {value.astimezone(UTC):%H:%M}"
