"""Redis goes away in the middle of a minute and comes back: how much passes, and that it mends itself."""

from __future__ import annotations

import time

import pytest
from freezegun import freeze_time

from gateway.gate.circuit import PROBE_SECONDS
from gateway.gate.interface import Admission, Ticket, Verdict
from gateway.gate.local import LocalGate
from gateway.gate.minute import MinuteGate
from tests.gateway.gate.test_limiter import wait_for_room_in_the_minute
from tests.gateway.gate.throwaway import Valkey

pytestmark = pytest.mark.slow(1)

PROCESSES = 4
LIMIT = 20
SHARE = LIMIT // PROCESSES


def ask(gate: MinuteGate | LocalGate, ticket: Ticket, times: int) -> list[Admission]:
    """The admitted ones of several requests."""
    admissions = [gate.admit(ticket) for _ in range(times)]
    return [admission for admission in admissions if admission.verdict is Verdict.ADMITTED]


def wait_for_probe() -> None:
    time.sleep(PROBE_SECONDS + 0.1)


def test_it_admits_its_share_less_what_it_admitted_before(valkey: Valkey, ticket: Ticket) -> None:
    wait_for_room_in_the_minute(10)
    gate, wish = MinuteGate(PROCESSES), ticket._replace(limit=LIMIT)
    assert len(ask(gate, wish, 2)) == 2
    valkey.kill()
    alone = ask(gate, wish, LIMIT)
    assert len(alone) == SHARE - 2
    assert all(admission.alone for admission in alone)


def test_it_keeps_every_process_to_its_share(valkey: Valkey, ticket: Ticket) -> None:
    wait_for_room_in_the_minute(10)
    wish = ticket._replace(limit=LIMIT)
    gates = [MinuteGate(PROCESSES) for _ in range(PROCESSES)]
    for gate in gates:
        gate.admit(wish._replace(cost=0))
    valkey.kill()
    assert sum(len(ask(gate, wish, LIMIT)) for gate in gates) == LIMIT


def test_it_tells_redis_of_its_debt_when_it_is_back(valkey: Valkey, ticket: Ticket) -> None:
    wait_for_room_in_the_minute(15)
    gate, wish = MinuteGate(PROCESSES), ticket._replace(limit=LIMIT)
    ask(gate, wish, 1)
    valkey.kill()
    alone = len(ask(gate, wish, LIMIT))
    valkey.start()
    wait_for_probe()
    back = gate.admit(wish)
    assert not back.alone
    assert back.used == 1 + alone + 1


def test_it_admits_at_most_the_others_shares_besides_in_the_window_of_the_loss(valkey: Valkey, ticket: Ticket) -> None:
    """They do not know what one of them had admitted by then; docs/operations.md says so."""
    wait_for_room_in_the_minute(10)
    wish = ticket._replace(limit=LIMIT)
    gates = [MinuteGate(PROCESSES) for _ in range(PROCESSES)]
    for gate in gates:
        gate.admit(wish._replace(cost=0))
    assert len(ask(gates[0], wish, LIMIT - 2)) == LIMIT - 2
    valkey.kill()
    assert sum(len(ask(gate, wish, LIMIT)) for gate in gates) == (PROCESSES - 1) * SHARE


def test_it_admits_the_limit_over_a_short_absence_where_one_process_serves(valkey: Valkey, ticket: Ticket) -> None:
    wait_for_room_in_the_minute(15)
    gate, wish = MinuteGate(PROCESSES), ticket._replace(limit=LIMIT)
    admitted = len(ask(gate, wish, 3))
    valkey.kill()
    admitted += len(ask(gate, wish, LIMIT))
    valkey.start()
    wait_for_probe()
    admitted += len(ask(gate, wish, 2 * LIMIT))
    assert admitted == LIMIT


def test_it_does_not_call_a_dead_server_for_every_request(valkey: Valkey, ticket: Ticket) -> None:
    gate = MinuteGate(PROCESSES)
    gate.admit(ticket)
    valkey.kill()
    gate.admit(ticket)
    valkey.start()
    assert gate.admit(ticket).alone
    wait_for_probe()
    assert not gate.admit(ticket).alone


def test_it_answers_looks_without_redis(valkey: Valkey, ticket: Ticket) -> None:
    wait_for_room_in_the_minute(10)
    gate, wish = MinuteGate(PROCESSES), ticket._replace(limit=LIMIT)
    valkey.kill()
    assert not ask(gate, wish, LIMIT)
    look = gate.admit(wish._replace(cost=0))
    assert (look.verdict, look.remaining) == (Verdict.ADMITTED, 0)


def test_it_waits_for_the_next_window_when_started_without_redis(ticket: Ticket) -> None:
    with freeze_time("2026-03-01 12:00:30") as clock:
        gate, wish = LocalGate(PROCESSES), ticket._replace(limit=LIMIT)
        assert not ask(gate, wish, LIMIT)
        clock.tick(30)
        assert len(ask(gate, wish, LIMIT)) == SHARE


def test_it_begins_a_new_share_with_every_window(ticket: Ticket) -> None:
    with freeze_time("2026-03-01 12:00:30") as clock:
        gate, wish = LocalGate(PROCESSES), ticket._replace(limit=LIMIT)
        for _ in range(3):
            clock.tick(60)
            assert len(ask(gate, wish, LIMIT)) == SHARE


def test_it_opens_no_window_twice_when_the_clock_is_set_back(ticket: Ticket) -> None:
    with freeze_time("2026-03-01 12:00:30") as clock:
        gate, wish = LocalGate(PROCESSES), ticket._replace(limit=LIMIT)
        clock.tick(60)
        assert len(ask(gate, wish, LIMIT)) == SHARE
        clock.tick(-60)
        assert not ask(gate, wish, LIMIT)


def test_it_gives_back_what_a_failed_request_took_alone(ticket: Ticket) -> None:
    with freeze_time("2026-03-01 12:00:30") as clock:
        gate, wish = LocalGate(PROCESSES), ticket._replace(limit=LIMIT)
        clock.tick(60)
        taken = ask(gate, wish, LIMIT)
        gate.give_back(taken[0])
        assert len(ask(gate, wish, LIMIT)) == 1
        assert gate.take_debt(wish)[0] == SHARE


def test_it_follows_the_clock_of_redis(ticket: Ticket) -> None:
    with freeze_time("2026-03-01 12:00:30"):
        gate = LocalGate(PROCESSES)
        here = int(time.time()) // 60
        gate.heard(Admission(ticket, Verdict.ADMITTED, 1, here + 5, 42))
        assert gate.admit(ticket).window == here + 5


def test_it_shares_the_ceiling_too(ticket: Ticket) -> None:
    with freeze_time("2026-03-01 12:00:30") as clock:
        gate, look = LocalGate(PROCESSES), ticket._replace(cost=0, ceiling=40)
        clock.tick(60)
        verdicts = [gate.admit(look).verdict for _ in range(12)]
        assert verdicts == [Verdict.ADMITTED] * 10 + [Verdict.ABUSED] * 2


def test_it_asks_redis_no_more_once_a_caller_is_over_the_ceiling(valkey: Valkey, ticket: Ticket) -> None:
    wait_for_room_in_the_minute(10)
    gate, look = MinuteGate(PROCESSES), ticket._replace(cost=0, ceiling=3)
    verdicts = [gate.admit(look).verdict for _ in range(5)]
    assert verdicts[-2:] == [Verdict.ABUSED] * 2
    valkey.kill()
    assert gate.admit(look).verdict is Verdict.ABUSED
    assert not gate.is_alone
