"""The script in Redis: what it takes, what it refuses, what it gives back."""

from __future__ import annotations

import time

from gateway.gate import limiter
from gateway.gate.interface import Ticket, Verdict
from moondev.lib import redis


def put_into_window(ticket: Ticket, shift: int, **fields: int) -> int:
    """Write an account's hash as if it belonged to the window `shift` windows from now; returns that window."""
    seconds, _ = redis.client().time()
    window = seconds // 60 + shift
    for name, value in {"window": window, **fields}.items():
        redis.client().hset(limiter.key_of(ticket.account), name, str(value))
    return int(window)


def wait_for_room_in_the_minute(seconds: int = 5) -> None:
    """Return when the present window lasts at least so long, so that a test does not straddle two."""
    left = 60 - redis.client().time()[0] % 60
    if left < seconds:
        time.sleep(left + 0.1)


def test_it_takes_until_the_limit_and_not_further(ticket: Ticket) -> None:
    wait_for_room_in_the_minute()
    admissions = [limiter.admit(ticket) for _ in range(7)]
    assert [a.verdict for a in admissions] == [Verdict.ADMITTED] * 5 + [Verdict.SPENT] * 2
    assert [a.used for a in admissions] == [1, 2, 3, 4, 5, 5, 5]
    assert [a.remaining for a in admissions] == [4, 3, 2, 1, 0, 0, 0]
    assert all(1 <= a.resets_in <= 60 for a in admissions)


def test_it_takes_nothing_for_a_look(ticket: Ticket) -> None:
    wait_for_room_in_the_minute()
    limiter.admit(ticket)
    looks = [limiter.admit(ticket._replace(cost=0)) for _ in range(9)]
    assert {(look.verdict, look.used) for look in looks} == {(Verdict.ADMITTED, 1)}


def test_it_answers_a_look_when_the_minute_is_spent(ticket: Ticket) -> None:
    wait_for_room_in_the_minute()
    for _ in range(6):
        limiter.admit(ticket)
    look = limiter.admit(ticket._replace(cost=0))
    assert (look.verdict, look.used, look.remaining) == (Verdict.ADMITTED, 5, 0)


def test_it_begins_anew_in_the_next_window(ticket: Ticket) -> None:
    put_into_window(ticket, -1, used=5)
    admission = limiter.admit(ticket)
    assert (admission.verdict, admission.used) == (Verdict.ADMITTED, 1)


def test_it_does_not_go_back_to_a_window_that_is_over(ticket: Ticket) -> None:
    ahead = put_into_window(ticket, 1, used=5)
    admission = limiter.admit(ticket)
    assert (admission.verdict, admission.window) == (Verdict.SPENT, ahead)


def test_it_counts_everything_against_the_ceiling(ticket: Ticket) -> None:
    wait_for_room_in_the_minute()
    wish = ticket._replace(ceiling=8)
    spent = [limiter.admit(wish).verdict for _ in range(7)]
    looks = [limiter.admit(wish._replace(cost=0)).verdict for _ in range(3)]
    assert spent == [Verdict.ADMITTED] * 5 + [Verdict.SPENT] * 2
    assert looks == [Verdict.ADMITTED, Verdict.ABUSED, Verdict.ABUSED]


def test_it_keeps_the_ceiling_of_one_key_from_another(ticket: Ticket) -> None:
    wait_for_room_in_the_minute()
    for _ in range(3):
        limiter.admit(ticket._replace(ceiling=2))
    other = limiter.admit(ticket._replace(ceiling=2, caller="abuse:k2"))
    assert other.verdict is Verdict.ADMITTED


def test_it_keeps_a_key_with_a_rate_of_its_own_apart(ticket: Ticket) -> None:
    wait_for_room_in_the_minute()
    for _ in range(5):
        limiter.admit(ticket)
    own = limiter.admit(ticket._replace(budget="k9", limit=2))
    assert (own.verdict, own.used) == (Verdict.ADMITTED, 1)


def test_it_gives_back_what_a_failed_request_took(ticket: Ticket) -> None:
    wait_for_room_in_the_minute()
    limiter.admit(ticket)
    second = limiter.admit(ticket)
    assert limiter.refund(second).used == 1
    assert limiter.admit(ticket).used == 2


def test_it_gives_nothing_back_in_another_window(ticket: Ticket) -> None:
    taken = limiter.admit(ticket)
    put_into_window(ticket, 1, used=3)
    assert limiter.refund(taken).used == taken.used
    assert redis.client().hget(limiter.key_of(ticket.account), "used") == b"3"


def test_it_never_gives_back_below_nothing(ticket: Ticket) -> None:
    wait_for_room_in_the_minute()
    taken = limiter.admit(ticket)
    assert [limiter.refund(taken).used for _ in range(3)] == [0, 0, 0]


def test_it_adds_what_was_admitted_without_it(ticket: Ticket) -> None:
    wait_for_room_in_the_minute()
    window = limiter.admit(ticket).window
    assert limiter.admit(ticket, debt=2, debt_window=window).used == 4


def test_it_forgets_what_was_admitted_in_an_older_window(ticket: Ticket) -> None:
    wait_for_room_in_the_minute()
    window = limiter.admit(ticket).window
    assert limiter.admit(ticket, debt=2, debt_window=window - 1).used == 2


def test_it_refuses_after_a_debt_that_fills_the_minute(ticket: Ticket) -> None:
    wait_for_room_in_the_minute()
    window = limiter.admit(ticket).window
    admission = limiter.admit(ticket, debt=7, debt_window=window)
    assert (admission.verdict, admission.remaining) == (Verdict.SPENT, 0)


def test_it_leaves_nothing_behind_for_ever(ticket: Ticket) -> None:
    limiter.admit(ticket)
    assert 0 < redis.client().ttl(limiter.key_of(ticket.account)) <= 120


def test_it_works_on_a_server_that_forgot_its_scripts(ticket: Ticket) -> None:
    limiter.admit(ticket)
    redis.client().script_flush()
    assert limiter.admit(ticket).verdict is Verdict.ADMITTED
