"""A thousand alerts through a Discord on a bad day, by workers that are killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from alerts.models import Delivery
from moondev.lib.queue import State
from tests.alerts.delivery.conftest import MakeAlert, MakePlace, happened
from tests.fakes.discord import Discord, webhook
from tests.fakes.taker import Reply, Request, page, reply
from tests.live import ROOT

ALERTS, PLACES, KILLS = 1000, 8, 4
LONGEST = 400.0
WORKER = """
import time, django
django.setup()
from alerts import deliver
while True:
    deliver.work()
    time.sleep(0.2)
"""
CHANCE = 0.25


class BadDay(Discord):
    """A quarter of the requests meet a fault. An answer may also be lost after the message was taken."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = random.Random(seed)
        self.met: Counter[str] = Counter()

    def answer(self, request: Request) -> Reply:
        if self.random.random() > CHANCE:
            return super().answer(request)
        faults = ["header", "body", "html", "error", "reset", "lost", "hang"]
        name = self.random.choices(faults, weights=[4, 4, 2, 6, 4, 3, 1])[0]
        self.met[name] += 1
        return self.fault(name, request)

    def fault(self, name: str, request: Request) -> Reply:
        if name == "lost":
            super().answer(request)
        return {
            "header": reply(429, {"retry_after": 0.4}, Retry_After="1"),
            "body": reply(429, {"retry_after": 0.3, "global": True}),
            "html": page(429, Retry_After="1"),
            "error": reply(502),
            "reset": Reply(resets=True),
            "lost": Reply(resets=True),
            "hang": Reply(hangs=35.0),
        }[name]


@pytest.fixture
def discord(settings: Settings) -> Iterator[BadDay]:
    with BadDay(seed=4) as found:
        settings.OUTBOUND_ROUTES = {"discord.com": found.place}
        yield found


def start(discord: Discord) -> subprocess.Popen[bytes]:
    routes = {"DEBUG": "1", "OUTBOUND_ROUTES": f"discord.com={discord.place}"}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER], cwd=ROOT, env={**os.environ, **routes}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def stop(worker: subprocess.Popen[bytes], discord: Discord) -> None:
    """Kill it, and let the time pass until its leases have run out; a bucket is full again long before that."""
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    time.sleep(discord.window)
    Delivery.objects.filter(state=State.RUNNING).update(lease_until=timezone.now())


@pytest.mark.slow(50)
@pytest.mark.django_db(transaction=True)
def test_it_loses_nothing_and_marks_every_repeat(discord: BadDay, make_place: MakePlace, make_alert: MakeAlert) -> None:
    places = [make_place(name=str(n), settings={"url": webhook(n)}).destination for n in range(1, PLACES + 1)]
    for number in range(ALERTS):
        happened(make_alert(places[number % PLACES], description=f"Alert {number}"))
    worker, killed, ends = start(discord), 0, time.monotonic() + LONGEST
    while Delivery.objects.exclude(state=State.DONE).exists() and time.monotonic() < ends:
        time.sleep(discord.random.uniform(0.5, 2.0))
        # It is killed while it sends, a few times.
        if killed < KILLS and len(discord.accepted) > 15 * killed and discord.accepted:
            stop(worker, discord)
            worker, killed = start(discord), killed + 1
    stop(worker, discord)

    assert killed == KILLS
    assert Counter(Delivery.objects.values_list("state", flat=True)) == {State.DONE: ALERTS}
    posted = [embed for _, message in discord.accepted for embed in message["embeds"]]
    firsts = Counter(embed["title"] for embed in posted)
    assert len(firsts) == ALERTS
    marked = Counter(embed["title"] for embed in posted if "may be a repeat" in embed["footer"]["text"])
    assert {title: count - 1 for title, count in firsts.items() if count > 1 + marked[title]} == {}
    assert discord.over == 0
    assert set(discord.met) == {"header", "body", "html", "error", "reset", "lost", "hang"}
