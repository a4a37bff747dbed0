"""Bars from an exchange, by ccxt. An operator's deed: customers cannot make this service call anybody."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from django.conf import settings

from accounts.models import Workspace
from backtests.datasets import mending, store
from backtests.datasets.quality import Report, examine
from backtests.datasets.timeframes import seconds_of
from backtests.models import Dataset, Source
from moondev.lib.clock import now
from moondev.lib.errors import Invalid

TIMEOUT_MS = 10_000
MOST_BARS = 1_000_000
MOST_TRIES = 4
# How far to step over a page without bars: no exchange looks at less at once.
STEP_BARS = 100
COLUMNS = ("open", "high", "low", "close", "volume")
Say = Callable[[str], None]
# What becomes of bars with faults; undecided ones wait for a decision of the workspace that they are for.
Decision = Literal["undecided", "accept", "repair", "fill"]


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


def fetch(
    *, wanted: Wanted, workspace: Workspace | None, name: str, say: Say, decision: Decision = "undecided"
) -> Dataset:
    """Fetch bars and store them as a data set, of one workspace or of everybody. Raises Invalid and Away.

    Everybody's belong to nobody who could decide about faults later, so undecided ones are not stored.
    """
    bars = _pages(_exchange(wanted), wanted, say)
    if not len(bars):
        raise Away(f"{wanted.exchange} has no bars of {wanted.symbol} in that time.")
    arrays = _arrays(bars)
    how: dict[str, Any] = {"exchange": wanted.exchange, "market": wanted.symbol, "fetched_at": now().isoformat()}
    report = examine(arrays)
    _check_decided(report, decision, has_owner=workspace is not None)
    if decision in ("repair", "fill"):
        arrays, how["repaired"] = mending.repair(arrays, fill_gaps=decision == "fill")
        report = examine(arrays)
    return store.add(
        arrays=arrays, name=name, source=Source.FETCHED, workspace=workspace, symbol=wanted.symbol.partition("/")[0],
        provenance=how, report=report, accepted=decision != "undecided",
    )  # fmt: skip


def _arrays(bars: np.ndarray) -> dict[str, np.ndarray]:
    prices = {column: bars[:, place] for place, column in enumerate(COLUMNS, 1)}
    return {"time": bars[:, 0].astype(np.int64) * 1000, **prices}


def faults_of(report: Report) -> str:
    """`3 x missing, 1 x duplicate`, or none."""
    return ", ".join(f"{fault.count:,} x {fault.kind}" for fault in report.faults) or "none"


def _check_decided(report: Report, decision: Decision, *, has_owner: bool) -> None:
    found = f"Faults found: {faults_of(report)}."
    if decision == "accept" and not report.may_be_accepted:
        raise Away(f"{found} No backtest can be run on these bars as they are, so none were stored. Use --repair.")
    if decision == "undecided" and not has_owner and not report.is_clean:
        raise Away(
            f"{found} Nobody could decide about them later, so no bars were stored. Add --accept to take them as they "
            "are, or --repair, with --fill-gaps where flat bars should fill the gaps."
        )


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
    """Rows of time in milliseconds and prices. Says how far it is, and where it had to stop before the end."""
    step_ms = seconds_of(wanted.timeframe) * 1000
    # The last bar is over when the next begins.
    end = min(_ms(wanted.until), _ms(now()) - step_ms)
    since, count = _ms(wanted.since), 0
    pages = [np.empty((0, 6))]
    while since <= end and count < MOST_BARS:
        # From here on; some exchanges leave out a time without trades, others answer with what comes after it.
        page = [row[:6] for row in _page(exchange, wanted, since) if row[0] >= since]
        since = page[-1][0] + step_ms if page else since + STEP_BARS * step_ms
        if within := [row for row in page if row[0] <= end]:
            pages.append(np.array(within, dtype=np.float64))
            count += len(within)
        say(f"{count:,} bars up to {_moment(since - step_ms)} UTC")
    bars = np.concatenate(pages)[:MOST_BARS]
    if since <= end or count > MOST_BARS:
        text = f"Cut off: a data set holds {MOST_BARS:,} bars. The rest is fetched as another one"
        say(f"{text}, with --since {_moment(bars[-1, 0] + step_ms).replace(' ', 'T')}")
    return bars


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


def _moment(ms: float) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, tz=UTC):%Y-%m-%d %H:%M}"


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
