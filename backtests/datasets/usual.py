"""Which data sets there are without anybody's doing; apart from their making, which loads half a second of pandas."""

from __future__ import annotations

from collections.abc import Mapping

from backtests.models import Dataset

# What a run takes that names no data set: the one on which every documented example trades.
DEFAULT = "GOOG"
BUNDLED: Mapping[str, str] = {
    "GOOG": "Google shares by the day, 2004 to 2013",
    "EURUSD": "Euro in US dollars by the hour, 2017 to 2018",
    "BTCUSD": "Bitcoin in US dollars by the month, 2012 to 2024",
}


def default() -> Dataset | None:
    """What a run takes that names no data set; None before anything is seeded."""
    found: Dataset | None = Dataset.objects.filter(workspace=None, name=DEFAULT, deleted_at=None).first()
    return found
