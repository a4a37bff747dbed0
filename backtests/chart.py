"""A result's equity against buy and hold as a small picture of its own, for people who look at files."""

from __future__ import annotations

from html import escape

import numpy as np

from backtests.engine.outcomes import Ran
from backtests.models import Result

WIDTH, HEIGHT, MARGIN = 900, 320, 28
MOST_POINTS = 900
PAGE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"
 font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="{margin}" y="18">{title}</text>
<polyline fill="none" stroke="#94a3b8" stroke-width="1" points="{hold}"/>
<polyline fill="none" stroke="#4f46e5" stroke-width="1.5" points="{equity}"/>
<text x="{margin}" y="{foot}" fill="#475569">{low:,.0f} to {high:,.0f}; grey: buy and hold</text>
</svg>
"""


def chart_of(result: Result, ran: Ran) -> str:
    """The picture as SVG."""
    closes = ran.bars["Close"].to_numpy(float)
    hold = ran.equity[0] * closes / closes[min(ran.warmup, len(closes) - 1)]
    both = np.concatenate([ran.equity, hold])
    low, high = float(both.min()), float(both.max())
    simulated = " (simulated data)" if result.dataset.is_simulated else ""
    return PAGE.format(
        width=WIDTH, height=HEIGHT, margin=MARGIN, foot=HEIGHT - 8, low=low, high=high,
        title=escape(f"{result.strategy.name} on {result.dataset.name}{simulated}"),
        hold=_points(hold, low, high), equity=_points(ran.equity, low, high),
    )  # fmt: skip


def _points(values: np.ndarray, low: float, high: float) -> str:
    chosen = np.unique(np.linspace(0, len(values) - 1, MOST_POINTS).astype(int))
    across = MARGIN + chosen / max(len(values) - 1, 1) * (WIDTH - 2 * MARGIN)
    down = HEIGHT - MARGIN - (values[chosen] - low) / ((high - low) or 1) * (HEIGHT - 2 * MARGIN)
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))
