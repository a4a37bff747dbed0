"""One process of several that hammer one account: `python -m tests.gateway.gate.hammer <account> <limit> <threads>`.

Waits for a line, then asks until it has been refused several times in a row by each thread. Prints admitted requests.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import django

django.setup()

from gateway.gate.interface import Ticket, Verdict  # noqa: E402
from gateway.gate.minute import MinuteGate  # noqa: E402

REFUSALS_IN_A_ROW = 20
# Every third admission is given back, as a failed request would be.
FAILS_EVERY = 3


def hammer(gate: MinuteGate, ticket: Ticket, *, fail: bool) -> int:
    """Requests that were admitted and kept."""
    kept = refused = asked = 0
    while refused < REFUSALS_IN_A_ROW:
        admission = gate.admit(ticket)
        if admission.verdict is not Verdict.ADMITTED:
            refused += 1
            continue
        refused, asked = 0, asked + 1
        failed = fail and asked % FAILS_EVERY == 0
        gate.settle(admission, succeeded=not failed)
        kept += not failed
    return kept


def main(account: str, limit: str, threads: str, fail: str) -> None:
    gate = MinuteGate(8)
    ticket = Ticket(account, "used", int(limit), 1, "abuse:k1", 1_000_000)
    gate.admit(ticket._replace(cost=0))
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    with ThreadPoolExecutor(int(threads)) as pool:
        runs = [pool.submit(hammer, gate, ticket, fail=fail == "fail") for _ in range(int(threads))]
        print(sum(run.result() for run in runs), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
