"""From an event in PostgreSQL to the POST at its destination: 1,000 events at once, by a worker as `make up` starts it.

    python -m tests.bench.delivery [--events 1000] [--rounds 3]

Every event has a place of its own, so nothing is put together and no limit of a place holds anything up; that is the
most work that 1,000 events can be. The receiver is a process of its own and tells when each request had come.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from statistics import quantiles

from tests import environment

EVENTS, ROUNDS = 1000, 3
# Seconds.
LONGEST = 60.0
HOST = "hooks.bench.example"


def lines(events: int = EVENTS, rounds: int = ROUNDS) -> list[str]:
    """The rounds as a table in Markdown."""
    made = ["| events at once | arrived | p50 s | p95 s (at most 2) | last s |", "|---|---|---|---|---|"]
    for waits in run(events, rounds):
        cuts = quantiles(waits, n=20)
        made.append(f"| {events:,} | {len(waits):,} | {cuts[9]:.2f} | {cuts[18]:.2f} | {max(waits):.2f} |")
    return made


def run(events: int, rounds: int) -> list[list[float]]:
    """For each round the seconds between the commit and each arrival."""
    from tests.worker import running_worker

    ours, theirs = multiprocessing.Pipe()
    receiver = multiprocessing.get_context("spawn").Process(target=receive, args=(theirs,), daemon=True)
    receiver.start()
    place = ours.recv()
    try:
        alerts = prepare(events)
        with running_worker(DEBUG="1", OUTBOUND_ROUTES=f"{HOST}={place}"):
            measure(ours, alerts[:20], number=0)
            return [measure(ours, alerts, number=number) for number in range(1, rounds + 1)]
    finally:
        receiver.kill()


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


def prepare(events: int) -> Sequence[str]:
    """A workspace with so many alerts, each with a webhook of its own; their ids."""
    import json

    from django.conf import settings

    from accounts.models import Workspace
    from alerts.models import Alert, Destination
    from moondev.lib.seal import seal

    workspace = Workspace.objects.create(slug="bench-delivery", name="Bench")
    alerts = Alert.objects.bulk_create(
        Alert(workspace=workspace, kind="liquidation_spike", threshold=1.0, enabled=False) for _ in range(events)
    )
    sealed = seal(json.dumps({"url": f"https://{HOST}/", "secret": "whsec_YmVuY2g="}), settings.SEAL_KEYS)
    places = Destination.objects.bulk_create(
        Destination(workspace=workspace, kind="webhook", name=alert.pk, sealed=sealed, hint=HOST) for alert in alerts
    )
    link = Alert.destinations.through
    link.objects.bulk_create(
        link(alert_id=alert.pk, destination_id=place.pk) for alert, place in zip(alerts, places, strict=True)
    )
    return [alert.pk for alert in alerts]


def measure(pipe: Connection, alerts: Sequence[str], *, number: int) -> list[float]:
    """Let something happen to all alerts in one transaction; the seconds until each message had arrived."""
    from django.db import transaction

    from alerts import outbox
    from alerts.models import Alert, Event

    found = Alert.objects.filter(pk__in=alerts).select_related("workspace")
    with transaction.atomic():
        outbox.owe(
            Event.objects.bulk_create(
                Event(alert=alert, kind="fired", excursion=number, value=2.0, threshold=1.0, window_minutes=15,
                      source="simulated")
                for alert in found
            )
        )  # fmt: skip
    # The same clock in both processes.
    began, arrived = time.monotonic(), list[float]()
    while len(arrived) < len(alerts) and time.monotonic() < began + LONGEST:
        time.sleep(0.2)
        pipe.send("more")
        arrived += pipe.recv()
    return [at - began for at in arrived]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.delivery")
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    environment.prepare()
    try:
        import django

        django.setup()
        environment.make_database()
        print("\n".join(lines(arguments.events, arguments.rounds)))  # noqa: T201
    finally:
        environment.finish()


if __name__ == "__main__":
    main()
