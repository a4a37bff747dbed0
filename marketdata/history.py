"""How far back a plan sees: one function for files, previews, downloads and data sets."""

from __future__ import annotations

from datetime import datetime, timedelta

from marketdata.catalogue import FEEDS
from marketdata.state import state_of


def history_start(feed: str, history_days: int | None) -> datetime | None:
    """The first moment of a feed that a plan with `history_days` may see, counted back from the feed's newest row.

    None: all of it. A list (whale addresses, positions, wallets followed) shows the present and is never cut.
    """
    if history_days is None or FEEDS[feed].is_list:
        return None
    newest = state_of(feed).newest
    return None if newest is None else newest - timedelta(days=history_days)
