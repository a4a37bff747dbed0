"""Processes that hammer one account, forked from one that has loaded Django:

python -m tests.gateway.gate.hammer <account> <limit> <threads> <processes> <mode>

All wait for a line, then ask until each thread has been refused several times in a row. Prints what each process was
admitted.
"""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from typing import Any

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


def child(account: str, limit: int, threads: int, fail: bool, line: Barrier, admitted: Any, number: int) -> None:
    """One process: its connections are made here, so they are its own."""
    gate = MinuteGate(8)
    ticket = Ticket(account, "used", limit, 1, "abuse:k1", 1_000_000)
    gate.admit(ticket._replace(cost=0))
    line.wait()
    line.wait()
    with ThreadPoolExecutor(threads) as pool:
        runs = [pool.submit(hammer, gate, ticket, fail=fail) for _ in range(threads)]
        admitted[number] = sum(run.result() for run in runs)


def main(account: str, limit: str, threads: str, processes: str, mode: str) -> None:
    context = multiprocessing.get_context("fork")
    line, admitted = context.Barrier(int(processes) + 1), context.Array("i", int(processes))
    given = (account, int(limit), int(threads), mode == "fail", line, admitted)
    children = [context.Process(target=child, args=(*given, number)) for number in range(int(processes))]
    for each in children:
        each.start()
    line.wait()
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    line.wait()
    for each in children:
        each.join()
    print(*admitted[:], flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
