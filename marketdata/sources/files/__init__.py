"""Numbers from files that an operator imports: `manage.py import_market_data`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from marketdata.records import Record


class FilesSource:
    """Nothing comes by itself: a feed is as it was when its last file was imported."""

    def read(self, feed: str, *, after: datetime | None, until: datetime) -> Iterable[Record]:
        """Always empty."""
        return ()
