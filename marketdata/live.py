"""One tick of the live market: read every feed of the served source and take in what is new."""

from __future__ import annotations

from itertools import chain

from marketdata.catalogue import FEEDS, Feed
from marketdata.ingest import take_in, touch
from marketdata.sources import Source, source_of
from marketdata.state import is_live, read_state, served_source
from moondev.lib.clock import now

_sources: dict[str, Source] = {}


def read_source() -> int:
    """Read what is new in every feed; returns how many rows went in.

    A feed that fails keeps its rows, and its age grows until it is read again; the others go on. The first failure is
    raised at the end, so that the worker reports it.
    """
    name = served_source()
    source = _sources.setdefault(name, source_of(name))
    if not is_live():
        return 0
    added, failures = 0, []
    for feed in FEEDS.values():
        try:
            added += _read_feed(source, name, feed)
        # Whatever a source does wrong concerns its feed only.
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    return added


def _read_feed(source: Source, name: str, feed: Feed) -> int:
    moment = now()
    rows = iter(source.read(feed.name, after=read_state(name, feed.name).newest, until=moment))
    first = next(rows, None)
    if first is None:
        touch(source=name, feeds=[feed.name], read_at=moment)
        return 0
    return take_in(feed=feed, source=name, rows=chain([first], rows), read_at=moment).added
