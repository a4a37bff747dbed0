"""The course of a value as an SVG line made on the server: a threshold across it and a mark at every firing.

The drawing is stretched to the page's width, so it holds lines only; labels are HTML beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor, log10

from django.utils import timezone

from alerts.preview import Preview

WIDTH, HEIGHT = 360.0, 100.0
LABELS = 5
# Peaks and the threshold keep off the edge.
HEADROOM = 1.05
# Steps of a scale that read well.
STEPS = (1.0, 2.0, 2.5, 4.0, 5.0, 10.0)
LARGE = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
Points = Sequence[tuple[datetime, float | None]]


@dataclass(frozen=True, slots=True)
class Mark:
    """A firing, and where it stands."""

    at: datetime
    x: float


@dataclass(frozen=True, slots=True)
class Curve:
    """What the template draws. `path` breaks where there are no data; `scale` is top, middle and bottom in words."""

    path: str
    threshold_y: float
    marks: tuple[Mark, ...]
    scale: tuple[str, str, str]
    labels: tuple[str, ...]


def curve_of(found: Preview) -> Curve | None:
    """The curve of a preview; None where there is nothing to draw."""
    values = [value for _, value in found.series if value is not None]
    if not values:
        return None
    top = round_up(HEADROOM * max(*values, found.threshold))
    bottom = -round_up(-HEADROOM * min(values)) if min(values) < 0 else 0.0
    begin, end = found.series[0][0], found.series[-1][0]
    return Curve(
        path=" ".join(_path(found.series, bottom, top)),
        threshold_y=_y(found.threshold, bottom, top),
        marks=tuple(Mark(at, _x(at, begin, end)) for at in found.times),
        scale=(short(top), short((top + bottom) / 2), short(bottom)),
        labels=_labels(begin, end),
    )


def round_up(value: float) -> float:
    """The next of 1, 2, 2.5, 4, 5, 10 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in STEPS if value <= step * power * (1 + 1e-9))


def short(value: float) -> str:
    """A number in few characters: 2500000 is `2.5M`, 0.0005 is `0.0005`."""
    size = abs(value)
    for limit, letter in LARGE:
        if size >= limit:
            return f"{value / limit:g}{letter}"
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"


def _path(series: Points, bottom: float, top: float) -> Iterator[str]:
    """SVG's path commands: a stretch of data begins with M and goes on with L."""
    begin, end = series[0][0], series[-1][0]
    is_down = False
    for at, value in series:
        if value is not None:
            yield f"{'L' if is_down else 'M'}{_x(at, begin, end):.2f} {_y(value, bottom, top):.2f}"
            # A stretch of a single point would otherwise not be seen.
            if not is_down:
                yield "h0.5"
        is_down = value is not None


def _x(at: datetime, begin: datetime, end: datetime) -> float:
    span = (end - begin).total_seconds() or 1.0
    return round(WIDTH * min(max((at - begin).total_seconds() / span, 0.0), 1.0), 2)


def _y(value: float, bottom: float, top: float) -> float:
    return round(HEIGHT * (top - value) / (top - bottom), 2)


def _labels(begin: datetime, end: datetime) -> tuple[str, ...]:
    """A few days, or times of day where the whole is short; each stands at the beginning of its part."""
    step = (end - begin) / LABELS
    moments = [timezone.localtime(begin + step * part) for part in range(LABELS)]
    is_short = step.total_seconds() < 24 * 3600
    return tuple(f"{at:%H:%M}" if is_short else f"{at.day} {at:%b}" for at in moments)


def days_of(found: Preview) -> int:
    """How many days a preview looked at, at least one."""
    if not found.series:
        return 0
    seconds = (found.series[-1][0] - found.series[0][0]).total_seconds()
    return max(1, ceil(seconds / 86400 - 0.05))
