"""One tick of the live market: read every feed of the served source and take in what is new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from marketdata.catalogue import FEEDS, Feed
from marketdata.ingest import note_history, take_in, touch
from marketdata.sources import Source, source_of
from marketdata.state import is_live, read_state, served_source
from moondev.lib.clock import now

# A feed that has nothing yet gets its last hours first, so that readers wait for those only, and the rest after them.
# Longer than the eight hours between two funding rates, so that every feed has a row in them at any time of day.
LATELY = timedelta(hours=9)

_sources: dict[str, Source] = {}


def read_source() -> int:
    """Read what is new in every feed, then what is missing before it; returns how many rows went in.

    A feed that fails keeps its rows, and its age grows until it is read again; the others go on. The first failure is
    raised at the end, so that the worker reports it.
    """
    return _read_all(_read_new, _read_old)


def read_lately() -> int:
    """As `read_source`, but leave what is missing before to the next tick."""
    return _read_all(_read_new)


def _read_all(*reads: Callable[[Source, str, Feed], int]) -> int:
    """One kind of reading after the other, each over every feed."""
    name = served_source()
    source = _sources.setdefault(name, source_of(name))
    if not is_live():
        return 0
    failures: list[Exception] = []
    added = sum(_try(partial(read, source, name, feed), failures) for read in reads for feed in FEEDS.values())
    if failures:
        raise failures[0]
    return added


def _try(read: Callable[[], int], failures: list[Exception]) -> int:
    try:
        return read()
    # Whatever a source does wrong concerns its feed only.
    except Exception as failure:
        failures.append(failure)
        return 0


def _read_new(source: Source, name: str, feed: Feed) -> int:
    moment = now()
    return _read(source, name, feed, after=read_state(name, feed.name).newest or moment - LATELY, until=moment)


def _read_old(source: Source, name: str, feed: Feed) -> int:
    """What lies before the first read, once: noted when it is whole, so a tick that was cut off is made up for."""
    state = read_state(name, feed.name)
    if feed.is_list or state.has_history:
        return 0
    before = now() - LATELY if state.oldest is None else state.oldest - timedelta(microseconds=1)
    added = _read(source, name, feed, after=None, until=before)
    note_history(source=name, feed=feed.name)
    return added


def _read(source: Source, name: str, feed: Feed, *, after: datetime | None, until: datetime) -> int:
    moment = now()
    rows = iter(source.read(feed.name, after=after, until=until))
    first = next(rows, None)
    if first is None:
        touch(source=name, feed=feed.name, read_at=moment)
        return 0
    return take_in(feed=feed, source=name, rows=chain([first], rows), read_at=moment).added
