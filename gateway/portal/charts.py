"""Bar charts as SVG made on the server: no script, a title on every bar, the same numbers in a table below.

The drawing is stretched to the page's width, so it holds bars and lines only; labels are HTML beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

HEIGHT = 100.0
STEP = 10.0
BAR = 7.0
LABELS = 6


@dataclass(frozen=True, slots=True)
class Point:
    """Requests that began in one bucket: answered (2xx, 3xx), refused (4xx) and failed (5xx)."""

    start: datetime
    label: str
    good: int = 0
    refused: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return self.good + self.refused + self.failed


@dataclass(frozen=True, slots=True)
class Block:
    """One coloured piece of a bar, in units of the drawing."""

    kind: str
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    point: Point
    x: float
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws: bars, the round number at the top of the scale, and a few labels below."""

    name: str
    title: str
    unit: str
    bars: tuple[Bar, ...]
    width: float
    top: int
    labels: tuple[str, ...]
    total: int
    refused: int
    failed: int

    @property
    def is_empty(self) -> bool:
        return self.total == 0

    @property
    def middle(self) -> int:
        return self.top // 2


def build_chart(name: str, title: str, unit: str, points: Sequence[Point]) -> Chart:
    """Lay out one bar a point, oldest first."""
    top = round_up(max((point.total for point in points), default=0))
    every = max(1, len(points) // LABELS)
    return Chart(
        name=name,
        title=title,
        unit=unit,
        bars=tuple(_bar(point, index * STEP, top) for index, point in enumerate(points)),
        width=len(points) * STEP,
        top=top,
        labels=tuple(point.label for point in points[::every]),
        total=sum(point.total for point in points),
        refused=sum(point.refused for point in points),
        failed=sum(point.failed for point in points),
    )


def round_up(number: int) -> int:
    """The next of 2, 4, 6, 8, 10, 20, 40 …: even, so that half of it is a whole number too."""
    scale = 1
    while True:
        for factor in (2, 4, 6, 8, 10):
            if number <= factor * scale:
                return factor * scale
        scale *= 10


def _bar(point: Point, x: float, top: int) -> Bar:
    blocks: list[Block] = []
    floor = HEIGHT
    for kind in ("good", "refused", "failed"):
        count = getattr(point, kind)
        if not count:
            continue
        # A single failure among thousands must still be seen.
        height = max(1.5, round(count * HEIGHT / top, 2))
        floor -= height
        blocks.append(Block(kind, x + (STEP - BAR) / 2, round(max(floor, 0.0), 2), height))
    return Bar(point, x, tuple(blocks))
