"""The simulated market: complete, live and the same every time; everything that shows it says that it is simulated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from marketdata.cells import micros
from marketdata.records import Liquidation, Record
from marketdata.sources.simulated import accounts, rates
from marketdata.sources.simulated.liquidations import liquidations
from marketdata.sources.simulated.market import Market
from marketdata.sources.simulated.spans import marks

# A first fill has this much of the stream whole, and one minute in 120 of the months before. Days differ by a factor
# of two; four of them hold 100,000 rows whichever they are.
DENSE = timedelta(days=4)
THIN_MINUTES = 120


def _liquidations(market: Market, after: datetime | None, until: datetime) -> Iterable[Liquidation]:
    """The minute of `after` may have more to come, so it is made again and what is stored is left out."""
    minutes = marks(after, until, dense=DENSE, every=1, thin_every=THIN_MINUTES, includes_after=True)
    first, last = -1 if after is None else micros(after), micros(until)
    return (row for row in liquidations(market, minutes) if first < row.time_us <= last)


SERIES: Mapping[str, Callable[[Market, datetime | None, datetime], Iterable[Record]]] = {
    "liquidations": _liquidations,
    "funding": rates.funding,
    "open_interest": rates.open_interest,
    "open_interest_total": rates.open_interest_total,
    "new_tokens": accounts.new_tokens,
    "recent_txs": accounts.recent_txs,
}
LISTS: Mapping[str, Callable[[Market, datetime], Iterable[Record]]] = {
    "whale_addresses": accounts.whale_addresses,
    "hlp_positions": accounts.hlp_positions,
    "hlp_totals": accounts.hlp_totals,
    "follow_list": lambda market, until: accounts.follow_list(market),
}


class SimulatedSource:
    """Every feed as a function of a seed and the time."""

    def __init__(self, seed: int = 1) -> None:
        self.market = Market(seed)

    def read(self, feed: str, *, after: datetime | None, until: datetime) -> Iterable[Record]:
        """Rows later than `after`, not later than `until`: at most 120 days of them, thinned beyond the last days."""
        if feed in SERIES:
            return SERIES[feed](self.market, after, until)
        return LISTS[feed](self.market, until)
