"""Where numbers come from: a source is read by feed and span of time, and all it gives goes in by marketdata.ingest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from django.core.exceptions import ImproperlyConfigured

from marketdata.records import Record
from marketdata.sources.files import FilesSource
from marketdata.sources.simulated import SimulatedSource


class Source(Protocol):
    """One place that market data comes from. A failure is an exception; nothing new is an empty answer."""

    def read(self, feed: str, *, after: datetime | None, until: datetime) -> Iterable[Record]:
        """Rows later than `after` (the newest stored; None: nothing is) and not later than `until`; a list whole."""
        ...


SOURCES: Mapping[str, Callable[[], Source]] = {"simulated": SimulatedSource, "files": FilesSource}


def source_of(name: str) -> Source:
    """The source that MARKET_DATA_SOURCE names."""
    if name not in SOURCES:
        known = ", ".join(sorted(SOURCES))
        raise ImproperlyConfigured(f"MARKET_DATA_SOURCE is {name!r}. Set it to one of: {known}.")
    return SOURCES[name]()
