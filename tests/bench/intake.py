"""The webhook under Stripe's load: signed events that were never seen before, each to be stored, on the real server."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import stripe
from django.conf import settings

from billing.models import StripeEvent
from tests.bench.load import run_wrk
from tests.bench.servers import Server
from tests.live import ROOT

PATH = "/billing/webhook"
# Events a second that the product promises to take in, and within how many milliseconds 99 of 100 are answered.
RATE, PROMISE = 100, 50
SENDERS = 8
# For the rounds without a pause; more than any machine takes in during one.
STOCK = 20_000
SCRIPT = Path(__file__).parent / "tell.lua"
NUMBERS = count()


def lines(*, seconds: int, rounds: int) -> list[str]:
    """The webhook's numbers as one line of Markdown; each is the median over the rounds."""
    server = Server("moondev.settings", MOONDEV_SERVICE="billing")
    try:
        server.wait("/health", "Accept: application/json")
        paced(server, seconds=1)
        measured = [paced(server, seconds=seconds) for _ in range(rounds)]
        stock = stocked(Path(os.environ["DATA_DIR"]) / "events.txt")
        flood = run_wrk(server.url + PATH, headers=stock, seconds=seconds, group=server.group, script=SCRIPT)
    finally:
        server.stop()
    if flood.failed:
        raise SystemExit(f"the webhook refused {flood.failed} events: nothing was measured")
    p50, p99 = (median(numbers) for numbers in zip(*measured, strict=True))
    return [
        f"`POST {PATH}`, {RATE} new events a second: p50 {p50:.1f} ms, p99 {p99:.1f} ms (below {PROMISE} ms). "
        f"As many as it takes over 16 connections: {flood.rate:,.0f} a second, {flood.cpu:.1f} ms of CPU each."
    ]


def paced(server: Server, *, seconds: int) -> tuple[float, float]:
    """Send RATE events a second; the median and the 99th percentile of milliseconds from when each was due.

    An event that a slow answer before it has kept waiting is late too, as it would be for Stripe.
    """
    before = StripeEvent.objects.count()
    events = [signed() for _ in range(RATE * seconds)]
    begin = time.perf_counter() + 0.2
    with ThreadPoolExecutor(SENDERS) as senders:
        work = [senders.submit(_send, server, events[first::SENDERS], begin, first) for first in range(SENDERS)]
        took = [milliseconds for done in work for milliseconds in done.result()]
    if StripeEvent.objects.count() != before + len(events):
        raise SystemExit("the webhook answered and did not store: nothing was measured")
    cuts = quantiles(took, n=100)
    return cuts[49], cuts[98]


def signed() -> tuple[str, str]:
    """(signature, body) of an event that nobody has seen."""
    event: dict[str, Any] = json.loads((ROOT / "tests/recorded/stripe/invoice_paid.json").read_text())
    body = json.dumps({**event, "id": f"evt_bench{next(NUMBERS)}", "created": int(time.time())})
    secret = settings.STRIPE_WEBHOOK_SECRETS[0]
    return stripe.WebhookSignature.generate_signature_header(body, secret), body


def stocked(path: Path) -> Path:
    """A file of signed events, one a line, for wrk."""
    with path.open("w") as file:
        file.writelines(f"{signature}\t{body}\n" for signature, body in (signed() for _ in range(STOCK)))
    return path


def _send(server: Server, events: list[tuple[str, str]], begin: float, first: int) -> list[float]:
    connection = HTTPConnection("127.0.0.1", server.port)
    took = []
    for number, (signature, body) in enumerate(events):
        due = begin + (first + number * SENDERS) / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
        connection.request("POST", PATH, body, {"Stripe-Signature": signature})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"the webhook answered {answer.status}: nothing was measured")
        took.append(1000 * (time.perf_counter() - due))
    connection.close()
    return took
