"""Does a strategy see the future? All bars after an order are changed, and the orders up to it have to stay."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from backtests.engine.failing import UNREADABLE, failed_of
from backtests.engine.fanning import outcomes, processors
from backtests.engine.inside.report import MOST_ORDERS
from backtests.engine.outcomes import Failed, Lookahead, Ran
from backtests.engine.request import Request
from backtests.engine.running import LIMITS, UNREADABLE_BARS, Cancelled, job_of, read_bars
from backtests.sandbox import Sandbox
from backtests.sandbox.job import Job, Limits, Outcome

Moment = tuple[int, int | None]
NO_ORDERS = "The strategy placed no order before the last bar, so there is nothing to compare."
NOT_REPEATABLE = "On the same bars the strategy places other orders each time, so a comparison says nothing."
GARBLED = "The rerun gave no readable answer."


def lookahead(
    sandbox: Sandbox,
    request: Request,
    ran: Ran,
    *,
    samples: int = 20,
    seed: int = 1,
    parallel: int | None = None,
    cancelled: Cancelled | None = None,
    limits: Limits = LIMITS,
) -> Lookahead:
    """Run the strategy again for up to `samples` bars with orders, drawn by `seed`, with everything after changed."""
    moments = chosen(ran, samples=samples, seed=seed)
    if not moments:
        return Lookahead("not_checked", reason=NO_ORDERS)
    try:
        frame = read_bars(request)
    except UNREADABLE_BARS:
        return Lookahead("not_checked", reason=UNREADABLE)
    parallel = parallel or processors()
    rows = _rows(ran.bars, frame, moments)
    asked: list[Moment] = [(moments[-1], None), *zip(moments, rows, strict=True)]
    jobs = [
        _job(request, ran, frame, asked[place::parallel], seed, limits) for place in range(min(parallel, len(asked)))
    ]
    return judged(list(outcomes(sandbox, jobs, parallel=parallel, cancelled=cancelled)), ran, limits)


def chosen(ran: Ran, *, samples: int, seed: int) -> list[int]:
    """Bars at which orders were placed, in order. After the last bar there is nothing to change."""
    placed = ran.orders["bar"]
    # A list that was cut short lacks orders of its last bar.
    end = placed[-1] if len(placed) >= MOST_ORDERS else len(ran.bars) - 1
    places = sorted({bar for bar in placed if ran.backfilled <= bar < end})
    return sorted(random.Random(seed).sample(places, min(samples, len(places))))  # noqa: S311


def judged(ended: list[Outcome], ran: Ran, limits: Limits) -> Lookahead:
    """What the reruns found."""
    failed = next((failure for outcome in ended if (failure := failed_of(outcome, limits))), None)
    if failed:
        return Lookahead("not_checked", reason=_why(failed))
    found = [one for outcome in ended for one in _found(outcome.document)]
    if not found:
        return Lookahead("not_checked", reason=GARBLED)
    # The first rerun of the first job was on unchanged bars.
    control, *changed = found
    if control["differs"] is not None:
        return Lookahead("not_checked", reason=NOT_REPEATABLE)
    evidence = [_evidence(one, ran.bars) for one in changed if one["differs"] is not None]
    return Lookahead("suspect" if evidence else "clean", sorted(evidence, key=lambda one: int(one["bar"])))


def _rows(traded: pd.DataFrame, frame: pd.DataFrame, moments: list[int]) -> list[int]:
    """The last row of the data set in each traded bar: a script may trade on longer bars, or on a part of them."""
    following = traded.index[np.array(moments) + 1]
    return [int(place) - 1 for place in frame.index.searchsorted(following, side="left")]


def _job(request: Request, ran: Ran, frame: pd.DataFrame, moments: list[Moment], seed: int, limits: Limits) -> Job:
    """A child's share. It may take as long as so many runs."""
    last = max(bar for bar, _ in moments)
    kept = sum(1 for bar in ran.orders["bar"] if bar <= last)
    times = len(moments)
    return job_of(
        replace(request, parameters={**_found_by_script(ran), **request.parameters}),
        frame,
        limits=replace(limits, cpu_sec=limits.cpu_sec * times, wall_sec=limits.wall_sec * times),
        program="lookahead",
        moments=[list(moment) for moment in moments],
        orders={name: column[:kept] for name, column in ran.orders.items()},
        noise_seed=seed,
    )


def _found_by_script(ran: Ran) -> dict[str, float | int | bool]:
    """Parameters of a script that searches for them: over other bars it would find others, and trade otherwise."""
    if ran.trials == 1:
        return {}
    return {name: value for name, value in ran.parameters.items() if not isinstance(value, str)}


def _found(document: Any) -> Iterator[dict[str, Any]]:
    """The findings in a child's answer that have the right shape."""
    found = document.get("found") if isinstance(document, Mapping) else None
    for one in found if isinstance(found, list) else []:
        if isinstance(one, Mapping) and type(one.get("bar")) is int and _is_difference(one.get("differs")):
            yield dict(one)


def _is_difference(value: Any) -> bool:
    if value is None:
        return True
    sides = (value.get("before"), value.get("after")) if isinstance(value, Mapping) else (0,)
    return all(side is None or isinstance(side, Mapping) for side in sides)


def _evidence(one: dict[str, Any], bars: pd.DataFrame) -> dict[str, Any]:
    """The bar and a sentence about the order that changed."""
    bar = min(max(one["bar"], 0), len(bars) - 1)
    before, after = (_told(one["differs"].get(side)) for side in ("before", "after"))
    return {
        "bar": bar,
        "time": bars.index[bar].isoformat(),
        "text": f"With other bars after {bars.index[bar]:%Y-%m-%d %H:%M}, {before} became {after}.",
    }


def _told(order: Mapping[str, Any] | None) -> str:
    """An order in words."""
    if order is None or not isinstance(order.get("size"), int | float):
        return "no order"
    side = "a buy" if order["size"] > 0 else "a sale"
    prices = [f"{name} {order[name]:.8g}" for name in ("limit", "stop") if isinstance(order.get(name), int | float)]
    return " ".join([f"{side} of {abs(order['size']):.6g} at bar {order.get('bar')}", *prices])


def _why(failed: Failed) -> str:
    return f"The rerun with other bars ended early: {failed.message}"
