"""Bars from an exchange, by ccxt. An operator's deed: customers cannot make this service call anybody."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.conf import settings

from accounts.models import Workspace
from backtests.datasets import store
from backtests.datasets.timeframes import seconds_of
from backtests.models import Dataset, Source
from moondev.lib.clock import now
from moondev.lib.errors import Invalid

TIMEOUT_MS = 10_000
MOST_BARS = 1_000_000
MOST_TRIES = 4
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bars: `timeframe` as `1h`; from `since` up to `until`, and never the bar that is not over yet."""

    exchange: str
    symbol: str
    timeframe: str
    since: datetime
    until: datetime


class Away(Exception):
    """The exchange did not answer as it should; the text says what to do."""


def fetch(*, wanted: Wanted, workspace: Workspace | None, name: str, say: Say) -> Dataset:
    """Fetch bars and store them as a data set, of one workspace or of everybody. Raises Invalid and Away."""
    exchange = _exchange(wanted)
    bars = _pages(exchange, wanted, say)
    if not len(bars):
        raise Away(f"{wanted.exchange} has no bars of {wanted.symbol} in that time.")
    arrays = {"time": bars[:, 0].astype(np.int64) * 1000}
    arrays |= {column: bars[:, place] for place, column in enumerate(("open", "high", "low", "close", "volume"), 1)}
    provenance = {"exchange": wanted.exchange, "market": wanted.symbol, "fetched_at": now().isoformat()}
    return store.add(
        arrays=arrays, name=name, source=Source.FETCHED, workspace=workspace, symbol=wanted.symbol.partition("/")[0],
        provenance=provenance,
    )  # fmt: skip


def _exchange(wanted: Wanted) -> Any:
    # A library of 70 MB that nothing else needs.
    import ccxt

    if wanted.exchange not in ccxt.exchanges:
        raise Invalid.field("/exchange", f"There is no exchange {wanted.exchange!r}. ccxt lists them by name.")
    exchange = getattr(ccxt, wanted.exchange)({"timeout": TIMEOUT_MS, "enableRateLimit": True})
    seconds_of(wanted.timeframe)
    if wanted.timeframe not in (exchange.timeframes or {}):
        offered = ", ".join(exchange.timeframes or {}) or "none"
        raise Invalid.field("/timeframe", f"{wanted.exchange} has bars of {offered}.")
    _route(exchange)
    return exchange


def _route(exchange: Any) -> None:
    """Lead the exchange's hosts to where OUTBOUND_ROUTES has them; while we develop only."""
    for part, url in exchange.urls["api"].items():
        filled = exchange.implode_hostname(url)
        host = filled.partition("://")[2].partition("/")[0]
        if route := settings.OUTBOUND_ROUTES.get(host):
            exchange.urls["api"][part] = f"http://{route}{filled.partition('://')[2][len(host) :]}"


def _pages(exchange: Any, wanted: Wanted, say: Say) -> np.ndarray:
    step_ms = seconds_of(wanted.timeframe) * 1000
    # The last bar is over when the next begins.
    end = min(_ms(wanted.until), _ms(now()) - step_ms)
    since = _ms(wanted.since)
    rows: list[list[Any]] = []
    while since <= end and len(rows) < MOST_BARS:
        page = [row for row in _page(exchange, wanted, since) if since <= row[0] <= end]
        if not page:
            break
        rows += page
        since = page[-1][0] + step_ms
        say(f"{len(rows)} bars up to {datetime.fromtimestamp(page[-1][0] / 1000, tz=UTC):%Y-%m-%d %H:%M} UTC")
    return np.array([row[:6] for row in rows], dtype=np.float64).reshape(-1, 6)


def _page(exchange: Any, wanted: Wanted, since: int) -> list[list[Any]]:
    """One page; a network that fails and a limit that is reached are waited out, three times with growing pauses."""
    import ccxt

    for attempt in range(1, MOST_TRIES + 1):
        try:
            return list(exchange.fetch_ohlcv(wanted.symbol, wanted.timeframe, since=since))
        except ccxt.BadSymbol as error:
            raise Invalid.field("/symbol", f"{wanted.exchange} has no market {wanted.symbol!r}.") from error
        except ccxt.NetworkError as error:
            if attempt == MOST_TRIES:
                raise Away(f"{wanted.exchange} could not be reached. Try again later.") from error
            time.sleep(0.2 * 2**attempt)
        except ccxt.BaseError as error:
            raise Away(f"{wanted.exchange} refused: {type(error).__name__}.") from error
    raise AssertionError("The last try returns or raises.")


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
