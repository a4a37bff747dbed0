"""From market data in PostgreSQL to the POST at its destination, by a worker as `make up` starts it.

    python -m tests.bench.delivery [--alerts 1000] [--rounds 3]

In each round the trades of 1,000 symbols are taken in, with an alert on each; then the task that beat sends every 5
seconds is sent to the worker at once, since the wait for it belongs to the plan's interval. It finds all alerts due and
all of them fire. Every alert has a place of its own, so nothing is put together and no limit of a place holds anything
up; that is the most work that 1,000 alerts can be. The receiver is a process of its own and tells when each request had
come.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from datetime import timedelta
from multiprocessing.connection import Connection
from statistics import quantiles

from tests import environment

ALERTS, ROUNDS = 1000, 3
# Seconds.
LONGEST, MARK = 60.0, 5
HOST, SOURCE, FEED = "hooks.bench.example", "files", "recent_txs"


def lines(alerts: int = ALERTS, rounds: int = ROUNDS) -> list[str]:
    """The rounds as a table in Markdown."""
    made = ["| alerts due at once | arrived | p50 s | p95 s (at most 2) | last s |", "|---|---|---|---|---|"]
    for waits in run(alerts, rounds):
        cuts = quantiles(waits, n=20)
        made.append(f"| {alerts:,} | {len(waits):,} | {cuts[9]:.2f} | {cuts[18]:.2f} | {max(waits):.2f} |")
    return made


def run(alerts: int, rounds: int) -> list[list[float]]:
    """For each round the seconds between the commit of the trades and each arrival."""
    from billing.models import Plan
    from tests.worker import worker_without_beat

    plans = list(Plan.objects.all())
    ours, theirs = multiprocessing.Pipe()
    receiver = multiprocessing.get_context("spawn").Process(target=receive, args=(theirs,), daemon=True)
    receiver.start()
    place = ours.recv()
    try:
        prepare(alerts)
        variables = {"DEBUG": "1", "MARKET_DATA_SOURCE": SOURCE, "OUTBOUND_ROUTES": f"{HOST}={place}"}
        with worker_without_beat(**variables):
            measure(ours, 20, number=0)
            return [measure(ours, alerts, number=number) for number in range(1, rounds + 1)]
    finally:
        receiver.kill()
        # The other benches measure the plans that are sold.
        Plan.objects.bulk_update(plans, ["alert_poll_seconds", "alerts"])


def receive(pipe: Connection) -> None:
    """Take messages, and hand their moments over when asked."""
    from tests.fakes.taker import Taker

    with Taker() as taker:
        pipe.send(taker.place)
        while True:
            pipe.recv()
            with taker.lock:
                pipe.send([request.at for request in taker.requests])
                taker.requests.clear()


def prepare(count: int) -> None:
    """A workspace with so many alerts, each with a symbol and a webhook of its own, on a plan due every mark."""
    from django.conf import settings

    from accounts.models import Workspace
    from alerts.models import Alert, Destination
    from billing.models import Plan
    from moondev.lib.seal import seal

    Plan.objects.update(alert_poll_seconds=MARK, alerts=count)
    workspace = Workspace.objects.create(slug="bench-delivery", name="Bench")
    alerts = Alert.objects.bulk_create(
        Alert(workspace=workspace, kind="copybot_trade", symbol=f"S{number}", threshold=1.0, cooldown_minutes=0,
              baseline=0.0)
        for number in range(count)
    )  # fmt: skip
    sealed = seal(json.dumps({"url": f"https://{HOST}/", "secret": "whsec_YmVuY2g="}), settings.SEAL_KEYS)
    places = Destination.objects.bulk_create(
        Destination(workspace=workspace, kind="webhook", name=alert.pk, sealed=sealed, hint=HOST) for alert in alerts
    )
    link = Alert.destinations.through
    link.objects.bulk_create(
        link(alert_id=alert.pk, destination_id=place.pk) for alert, place in zip(alerts, places, strict=True)
    )


def measure(pipe: Connection, alerts: int, *, number: int) -> list[float]:
    """Take in a trade for so many alerts and have them looked at; the seconds until each message had arrived."""
    from moondev.wake import send

    # A round looks at each mark once.
    time.sleep(MARK - time.time() % MARK)
    store(alerts, number)
    # The same clock in both processes.
    began, arrived = time.monotonic(), list[float]()
    send("alerts.tasks.tick")
    while len(arrived) < alerts and time.monotonic() < began + LONGEST:
        time.sleep(0.2)
        pipe.send("more")
        arrived += pipe.recv()
    return [at - began for at in arrived]


def store(symbols: int, number: int) -> None:
    """One new trade of each symbol, by the way in of all market data."""
    from marketdata.catalogue import FEEDS
    from marketdata.cells import micros
    from marketdata.ingest import take_in
    from marketdata.records import CopybotTrade
    from moondev.lib.clock import now

    time_us = micros(now() - timedelta(seconds=MARK))
    rows = [CopybotTrade(time_us, "w", f"c{number}", f"S{place}", "buy", "1", "100", "") for place in range(symbols)]
    take_in(feed=FEEDS[FEED], source=SOURCE, rows=rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.delivery")
    parser.add_argument("--alerts", type=int, default=ALERTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    with environment.alone():
        print("\n".join(lines(arguments.alerts, arguments.rounds)))  # noqa: T201


if __name__ == "__main__":
    main()
