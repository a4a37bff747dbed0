"""One round of evaluation over many alerts: 10,000, 100,000 and a million of them on 600 symbols.

    python -m tests.bench.evaluation [--alerts 10000 100000 1000000]

The alerts are spread over 1,000 workspaces, six kinds and eight windows. A week of liquidations, funding, open interest
and prices lies below them. The first round has all of them due at once and a fifth of them firing; in those
after it the windows have moved on by five minutes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests import environment

COUNTS = (10_000, 100_000, 1_000_000)
SYMBOLS, WORKSPACES, ROUNDS = 600, 1_000, 3
MARKET = """
    INSERT INTO marketdata_liquidation (source, time, symbol, side, order_type, time_in_force, original_quantity, price,
        average_price, order_status, order_last_filled_quantity, order_filled_accumulated_quantity, usd_size, digest,
        occurrence)
    SELECT 'files', %(at)s - random() * %(span)s, 'S' || (599 * random() ^ 2)::int,
        CASE WHEN random() < 0.9 THEN 'SELL' ELSE 'BUY' END, 'LIMIT', 'IOC', 1, 1, 1, 'FILLED', 1, 1,
        200 * exp(1.5 * random()), gen_random_uuid(), 0
    FROM generate_series(1, %(liquidations)s);
    INSERT INTO marketdata_funding (source, time, time_text, symbol, funding_rate, yearly_funding_rate)
    SELECT 'files', %(at)s - period * interval '8 hours' - interval '1 hour', '', 'S' || symbol,
        0.0001 + 0.0003 * (random() - 0.5), 0
    FROM generate_series(0, 3 * (%(days)s + 3)) AS period, generate_series(0, 599) AS symbol;
    INSERT INTO marketdata_openinterest (source, time, symbol, open_interest, price)
    SELECT 'files', %(at)s - minute * interval '15 minutes' - interval '1 minute', 'S' || symbol,
        1000 * (1 + 0.05 * random()), 100 * (1 + 0.05 * random())
    FROM generate_series(0, 4 * 24 * (%(days)s + 1)) AS minute, generate_series(0, 599) AS symbol;
    INSERT INTO marketdata_openinteresttotal (source, time, time_text, total_usd)
    SELECT 'files', %(at)s - minute * interval '15 minutes' - interval '1 minute', '', 1e9 * (1 + 0.05 * random())
    FROM generate_series(0, 4 * 24 * (%(days)s + 1)) AS minute;
    INSERT INTO marketdata_copybottrade (source, time, wallet, contract_address, symbol, side, amount, usd_value,
        birdeye_link, digest, occurrence)
    SELECT 'files', %(at)s - random() * %(span)s, 'w', 'c', 'S' || (random() * 40)::int, 'buy', 1,
        300 * exp(random()), '', gen_random_uuid(), 0
    FROM generate_series(1, 570 * %(days)s);
    INSERT INTO alerts_whalecount (source, at, count) VALUES ('files', %(at)s - interval '1 hour', 370);
    INSERT INTO marketdata_feedstate (source, feed, version, rows, last_id, digest, changed_at, newest, oldest,
        has_history)
    SELECT 'files', feed, 1, 370, 1000000, '', %(at)s - interval '1 hour', %(at)s, %(at)s - %(span)s, true
    FROM unnest(ARRAY['liquidations', 'funding', 'open_interest', 'open_interest_total', 'whale_addresses',
        'recent_txs']) AS feed"""
WORKSPACES_SQL = """
    INSERT INTO accounts_workspace (slug, name, created_at, members_manage_own_keys)
    SELECT 'bench-' || n, 'Bench', now(), true FROM generate_series(1, %(workspaces)s) AS n"""
# Thresholds lie around what the windows hold, so that about a fifth of the alerts fire.
ALERTS = """
    INSERT INTO alerts_alert (id, workspace_id, is_shared, created_at, kind, description, symbol, direction, threshold,
        window_minutes, for_minutes, cooldown_minutes, time_zone, enabled, over_plan, template, phase, phase_since,
        excursion, is_open, baseline)
    SELECT 'a_' || lpad(to_hex(n), 16, '0'), (SELECT min(id) FROM accounts_workspace) + n %% %(workspaces)s, true,
        %(at)s, kinds.kind, '', CASE WHEN kinds.kind = 'whale_activity' THEN '' ELSE 'S' || (n / 7) %% 600 END, 'both',
        kinds.level * (0.2 + 2 * random()), windows.minutes, 0, 15, 'UTC', true, false, '', 'normal', %(at)s, 0, false,
        CASE kinds.kind WHEN 'whale_activity' THEN 350 WHEN 'copybot_trade' THEN 3000 END
    FROM generate_series(1, %(alerts)s) AS n
    JOIN unnest(ARRAY['liquidation_spike', 'liquidation_spike', 'funding_extreme', 'open_interest_change', 'price_move',
            'whale_activity', 'copybot_trade'], ARRAY[2e4, 1e5, 0.0003, 4, 4, 20, 800])
        WITH ORDINALITY AS kinds (kind, level, place) ON kinds.place = n %% 7 + 1
    JOIN unnest(ARRAY[5, 15, 30, 60, 120, 240, 720, 1440]) WITH ORDINALITY AS windows (minutes, place)
        ON windows.place = n / 4200 %% 8 + 1"""


@dataclass(frozen=True, slots=True)
class Round:
    alerts: int
    values: int
    events: int
    seconds: float


def lines(counts: Sequence[int] = COUNTS) -> list[str]:
    """A table, one line a number of alerts; needs the benchmark's own database, which it empties."""
    from django.conf import settings

    settings.MARKET_DATA_SOURCE = "files"
    made = [(count, list(rounds(count))) for count in counts]
    table = [
        "| alerts due | values | first round s | its events | next round s | its events |",
        "|---|---|---|---|---|---|",
    ]
    for count, (first, *later) in made:
        last = sorted(later, key=lambda round_: round_.seconds)[len(later) // 2]
        table.append(
            f"| {count:,} | {first.values:,} | {first.seconds:.2f} | {first.events:,} "
            f"| {last.seconds:.2f} | {last.events:,} |"
        )
    return table


def rounds(alerts: int) -> Iterator[Round]:
    """The first round and ROUNDS after it, five minutes apart."""
    from alerts import evaluate

    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    prepare(alerts, at)
    for number in range(ROUNDS + 1):
        started = time.perf_counter()
        report = evaluate.tick(at + timedelta(minutes=5 * number))
        yield Round(report.alerts, report.aggregates, report.events, time.perf_counter() - started)


def prepare(alerts: int, at: datetime, *, days: int = 7, liquidations: int = 190_000) -> None:
    """Empty the tables, and fill them with some days of the market and this many alerts."""
    from django.db import connection

    from marketdata import partitions, sums
    from marketdata.catalogue import FEEDS

    for feed in FEEDS.values():
        if not feed.is_list:
            partitions.prepare_months(feed, [(2026, 1), (2026, 2), (2026, 3)])
    tables = [feed.table for feed in FEEDS.values()]
    names: dict[str, Any] = {"at": at, "workspaces": WORKSPACES, "alerts": alerts, "liquidations": liquidations}
    names |= {"days": days, "span": timedelta(days=days)}
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE alerts_tick, alerts_whalecount, accounts_workspace, {', '.join(tables)} CASCADE")
        cursor.execute("TRUNCATE marketdata_feedstate, marketdata_liquidationsum")
        for statement in (*MARKET.split(";"), WORKSPACES_SQL, ALERTS):
            cursor.execute(statement, names)
        sums.add_liquidations(source="files", after=0, oldest=at - names["span"], newest=at)
        cursor.execute("VACUUM ANALYZE")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.evaluation")
    parser.add_argument("--alerts", type=int, nargs="+", default=COUNTS)
    counts = parser.parse_args().alerts
    with environment.alone():
        print("\n".join(lines(counts)))  # noqa: T201


if __name__ == "__main__":
    main()
