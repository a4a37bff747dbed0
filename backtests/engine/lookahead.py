"""Does a strategy see the future? All bars after a moment are changed, and what it did up to it has to stay.

Nothing of it is left to the child: it gets other bars and trades, as ever, and what it did is compared here. Nobody
tells it what is expected, and it has no bars but the changed ones.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from backtests.datasets.inside import bars as files
from backtests.datasets.inside import framed
from backtests.engine.checking import Bars
from backtests.engine.comparing import Deeds, deeds_of, difference
from backtests.engine.failing import UNREADABLE, failed_of
from backtests.engine.fanning import outcomes, processors
from backtests.engine.inside.report import MOST_ORDERS
from backtests.engine.outcomes import Failed, Lookahead, Ran
from backtests.engine.perturbing import perturbed
from backtests.engine.placing import Traded, orders_of, unfilled, unplaced
from backtests.engine.request import Request
from backtests.engine.running import LIMITS, UNREADABLE_BARS, Cancelled, job_of, read_bars
from backtests.sandbox import Sandbox
from backtests.sandbox.job import Job, Limits, Outcome

# So many further moments without an order for each with one: what is peeked at must not say that an order is due.
QUIET = 0.25
NO_ORDERS = "The strategy placed no order before the last bar, so there is nothing to compare."
NOT_REPEATABLE = "On the same bars the strategy places other orders each time, so a comparison says nothing."
GARBLED = "It gave no readable answer."
UNFILLED = "An order that the run names was not filled at bar {} though it must have been, so its list is not right."


class Moment(NamedTuple):
    """A bar that was traded, and the last row of the data set that is left as it is; without a row all are."""

    bar: int
    row: int | None


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
    """Run the strategy again for up to `samples` bars with orders and some without, with everything after changed.

    They are drawn by `seed`, and so are the changes: a child that knew it could undo them.
    """
    if hidden := _hidden(ran):
        return Lookahead("suspect", [hidden])
    chosen_bars = chosen(ran, samples=samples, seed=seed)
    if not chosen_bars:
        return Lookahead("not_checked", reason=NO_ORDERS)
    try:
        frame = read_bars(request)
    except UNREADABLE_BARS:
        return Lookahead("not_checked", reason=UNREADABLE)
    # The first is on unchanged bars, to see whether the strategy does the same twice.
    moments = [Moment(chosen_bars[-1], None), *map(Moment, chosen_bars, _rows(ran.bars, frame, chosen_bars))]
    jobs: list[Callable[[], Job]] = [partial(_job, request, ran, frame, moment, seed, limits) for moment in moments]
    ended = outcomes(sandbox, jobs, parallel=parallel or processors(), cancelled=cancelled)
    return judged(ran, list(zip(moments, ended, strict=True)), limits)


def chosen(ran: Ran, *, samples: int, seed: int) -> list[int]:
    """Bars at which orders were placed, and some others, in order. After the last bar there is nothing to change."""
    drawing = random.Random(seed)  # noqa: S311
    end = _end(ran)
    places = sorted({bar for bar in ran.orders["bar"] if ran.backfilled <= bar < end})
    if not places:
        return []
    begin = max(ran.backfilled, ran.ledger.first)
    others = sorted(set(range(begin, end)).difference(places))
    quiet = drawing.sample(others, min(round(samples * QUIET), len(others)))
    return sorted([*drawing.sample(places, min(samples, len(places))), *quiet])


def judged(ran: Ran, reruns: list[tuple[Moment, Outcome]], limits: Limits) -> Lookahead:
    """What the reruns found. One that fails hides nothing that another has shown."""
    found = [_found(ran, moment, outcome, limits) for moment, outcome in reruns]
    control, *changed = found
    failure = next((one for one in found if isinstance(one, Failed)), None)
    if isinstance(control, dict):
        return Lookahead("not_checked", reason=NOT_REPEATABLE)
    evidence = [one for one in changed if isinstance(one, dict)]
    if evidence and control is None:
        return Lookahead("suspect", evidence)
    if failure:
        return Lookahead("not_checked", reason=_why(failure), failure=failure)
    return _accounted(ran)


def _found(ran: Ran, moment: Moment, outcome: Outcome, limits: Limits) -> dict[str, object] | Failed | None:
    """The evidence in one rerun, why there is none, or None when nothing differs."""
    failed = failed_of(outcome, limits)
    if failed:
        return failed
    deeds = deeds_of(outcome.document, bars=len(ran.bars))
    if deeds is None:
        return Failed("crashed", GARBLED)
    differs = difference(Deeds(ran.orders, ran.ledger), deeds, until=moment.bar)
    if differs is None:
        return None
    time = ran.bars.index[moment.bar]
    return {
        "bar": moment.bar,
        "time": time.isoformat(),
        "text": f"With other bars after {time:%Y-%m-%d %H:%M}, {differs[0]} became {differs[1]}.",
    }


def _hidden(ran: Ran) -> dict[str, object] | None:
    """Evidence in a fill for which there is no order: what was done is not what the strategy says that it did."""
    place = unplaced(_traded(ran), orders_of(ran.orders), end=_end(ran))
    if place is None:
        return None
    bar = int(ran.ledger.bar[place])
    time = ran.bars.index[bar]
    text = f"At {time:%Y-%m-%d %H:%M} the strategy traded without an order that could have led to it."
    return {"bar": bar, "time": time.isoformat(), "text": text}


def _accounted(ran: Ran) -> Lookahead:
    """Clean, if the list of orders can be the true one."""
    order = unfilled(_traded(ran), [order for order in orders_of(ran.orders) if order.bar < _end(ran)])
    return Lookahead("clean") if order is None else Lookahead("not_checked", reason=UNFILLED.format(order.bar + 1))


def _traded(ran: Ran) -> Traded:
    return Traded(ran.ledger, ran.account, ran.equity, Bars.of(ran.bars), ran.request.settings, ran.unit)


def _end(ran: Ran) -> int:
    """The bar before which the orders are all there: a list that was cut short lacks some of its last bar."""
    placed = ran.orders["bar"]
    return int(placed[-1]) if len(placed) >= MOST_ORDERS else len(ran.bars) - 1


def _rows(traded: pd.DataFrame, frame: pd.DataFrame, moments: list[int]) -> list[int]:
    """The last row of the data set in each traded bar: a script may trade on longer bars, or on a part of them."""
    following = traded.index[np.array(moments) + 1]
    return [int(place) - 1 for place in frame.index.searchsorted(following, side="left")]


def _job(request: Request, ran: Ran, frame: pd.DataFrame, moment: Moment, seed: int, limits: Limits) -> Job:
    """A run like any other, on other bars and with an early end."""
    request = replace(
        request,
        parameters={**_found_by_script(ran), **request.parameters},
        settings=replace(request.settings, finalize_trades=False),
    )
    job = job_of(request, frame, limits=limits, until=moment.bar)
    if moment.row is None:
        return job
    changed = files.pack(framed.arrays_of(perturbed(frame, moment.row, seed)))
    return replace(job, files={"data": changed})


def _found_by_script(ran: Ran) -> dict[str, float | int | bool]:
    """Parameters of a script that searches for them: over other bars it would find others, and trade otherwise."""
    if ran.trials == 1:
        return {}
    return {name: value for name, value in ran.parameters.items() if not isinstance(value, str)}


def _why(failed: Failed) -> str:
    return f"The rerun with other bars ended early: {failed.message}"
