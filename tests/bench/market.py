"""Enough market data to serve a large file from."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

from marketdata.catalogue import FEEDS
from marketdata.ingest import take_in
from marketdata.sources import source_of
from moondev.lib.clock import now

FEED = "liquidations"
SOURCE = "simulated"
DAYS = 365


def fill(rows: int) -> int:
    """Take in so many simulated liquidations; returns how many are stored."""
    until = now()
    source = source_of(SOURCE).read(FEED, after=until - timedelta(days=DAYS), until=until)
    return take_in(feed=FEEDS[FEED], source=SOURCE, rows=islice(source, rows)).added
