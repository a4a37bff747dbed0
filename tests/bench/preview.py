"""What an alert would have done in the last 30 days, one look at each kind: of all symbols and of one.

    python -m tests.bench.preview [--liquidations 900000 4000000]

A month of the market lies below it, on 600 symbols: liquidations as dense as the recorded feed (900,000) and denser,
funding every 8 hours, open interest every 15 minutes. The plan is the one with the shortest interval, so a preview has
172,800 looks. Each is made several times, and the median counts; nothing is kept from one to the next.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING

from tests import environment

if TYPE_CHECKING:
    from alerts.rules.shapes import Config

LIQUIDATIONS = (900_000, 4_000_000)
DAYS, TIMES = 31, 5
PLAN = "enterprise"


def lines(liquidations: Sequence[int] = LIQUIDATIONS) -> list[str]:
    """A table, one line a preview; needs the benchmark's own database, which it empties."""
    from django.conf import settings

    settings.MARKET_DATA_SOURCE = "files"
    table = ["| preview of 30 days (at most 500 ms) | symbol | firings | ms |", "|---|---|---|---|"]
    for count in liquidations:
        table += rows(count, whole=count == liquidations[0])
    return table


def rows(liquidations: int, *, whole: bool) -> Iterator[str]:
    """The lines over so many liquidations; `whole`: of the other kinds too."""
    from alerts.preview import preview
    from billing.limits import plan_named
    from tests.bench import evaluation

    at, terms = datetime(2026, 3, 4, 12, tzinfo=UTC), plan_named(PLAN).terms()
    evaluation.prepare(0, at, days=DAYS, liquidations=liquidations)
    for config in configs(whole=whole):
        seconds = []
        for _ in range(TIMES):
            began = time.perf_counter()
            made = preview(config, terms, at=at)
            seconds.append(time.perf_counter() - began)
        density = f" of {liquidations:,}" if config.kind == "liquidation_spike" else ""
        name = f"`{config.kind}`{density}, {config.window_minutes} minutes"
        yield f"| {name} | {config.symbol or 'all'} | {len(made.times):,} | {1000 * median(seconds):,.0f} |"


def configs(*, whole: bool) -> list[Config]:
    from alerts.rules.shapes import Config

    made = [
        Config("liquidation_spike", 2e5, 60),
        # A busy symbol, and a window that no interval divides.
        Config("liquidation_spike", 1e4, 7, "S0"),
    ]
    if whole:
        made += [
            Config("funding_extreme", 0.0002, 15),
            Config("funding_extreme", 0.0002, 60, "S1"),
            Config("open_interest_change", 3, 60),
            Config("open_interest_change", 3, 60, "S1"),
            Config("price_move", 3, 15, "S1"),
            Config("copybot_trade", 500, 15, cooldown_minutes=0),
            Config("copybot_trade", 500, 15, "S1", cooldown_minutes=0),
            Config("whale_activity", 5),
        ]
    return made


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.preview")
    parser.add_argument("--liquidations", type=int, nargs="+", default=LIQUIDATIONS)
    counts = parser.parse_args().liquidations
    with environment.alone():
        print("\n".join(lines(counts)))  # noqa: T201


if __name__ == "__main__":
    main()
