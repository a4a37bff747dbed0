"""Rows as a queue. Stripe's events are the rows here; the piece knows none of what they mean."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest
from django.db import connection, transaction
from django.utils import timezone

from billing.models import StripeEvent
from moondev.lib.queue import LONGEST_ERROR, State

pytestmark = pytest.mark.django_db
OVER = timedelta(seconds=-1)
NUMBERS = count()


def put(**values: object) -> StripeEvent:
    row = {"id": f"evt_{next(NUMBERS)}", "type": "test", "livemode": False, "payload": {}}
    return StripeEvent.objects.create(**{**row, "created_at": timezone.now(), **values})


def stored(row: StripeEvent) -> StripeEvent:
    return StripeEvent.objects.get(pk=row.pk)


def test_it_claims_what_is_due_the_longest_due_first() -> None:
    now = timezone.now()
    later, sooner = put(due_at=now - timedelta(seconds=1)), put(due_at=now - timedelta(seconds=2))
    put(due_at=now + timedelta(minutes=1))
    assert StripeEvent.objects.claim(10) == [sooner, later]


def test_it_claims_no_more_than_asked_for() -> None:
    rows = [put(), put(), put()]
    assert StripeEvent.objects.claim(2) == rows[:2]
    assert StripeEvent.objects.claim(2) == rows[2:]


def test_it_claims_only_of_the_rows_it_is_asked_on() -> None:
    put(type="other")
    wanted = put(type="wanted")
    assert StripeEvent.objects.filter(type="wanted").claim(10) == [wanted]


def test_a_claimed_row_is_nobody_elses() -> None:
    put()
    [row] = StripeEvent.objects.claim(1)
    assert (row.state, row.attempts) == (State.RUNNING, 1)
    assert row.lease_until > timezone.now()
    assert StripeEvent.objects.claim(1) == []


def claim_all() -> list[str]:
    """What one worker gets, by claims of a few rows each until nothing is left."""
    try:
        found: list[str] = []
        while rows := StripeEvent.objects.claim(3):
            found += [row.pk for row in rows]
        return found
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_claimers_never_get_one_row() -> None:
    rows = [put().pk for _ in range(120)]
    with ThreadPoolExecutor(6) as workers:
        claimed = [pk for found in workers.map(lambda _: claim_all(), range(6)) for pk in found]
    assert Counter(claimed) == Counter(rows)


@pytest.mark.django_db(transaction=True)
def test_a_claimer_does_not_wait_for_a_row_that_somebody_holds() -> None:
    held, free = put(), put()
    with transaction.atomic(), ThreadPoolExecutor(1) as other:
        StripeEvent.objects.select_for_update().get(pk=held.pk)
        assert other.submit(claim_all).result(10) == [free.pk]


def test_a_lease_that_ran_out_lets_the_row_be_claimed_again() -> None:
    put()
    StripeEvent.objects.claim(1, lease=OVER)
    [row] = StripeEvent.objects.claim(1)
    assert row.attempts == 2


def test_who_comes_back_late_cannot_settle_what_another_has_claimed() -> None:
    put()
    [late] = StripeEvent.objects.claim(1, lease=OVER)
    [present] = StripeEvent.objects.claim(1)
    assert not late.finish()
    assert not late.retry("late", after=timedelta())
    assert not late.park("late")
    assert not late.give_back()
    assert stored(late).state == State.RUNNING
    assert present.finish()
    assert stored(present).state == State.DONE


def test_it_settles_nothing_twice() -> None:
    put()
    [row] = StripeEvent.objects.claim(1)
    assert row.finish()
    assert not row.park("again")
    assert stored(row).state == State.DONE


def test_a_finished_row_is_never_due_again() -> None:
    put()
    [row] = StripeEvent.objects.claim(1)
    row.finish()
    assert stored(row).finished_at is not None
    assert stored(row).lease_until is None
    assert StripeEvent.objects.claim(1) == []


def test_a_retry_is_due_after_its_wait_and_says_why() -> None:
    put()
    [row] = StripeEvent.objects.claim(1)
    before = timezone.now()
    assert row.retry("x" * 2 * LONGEST_ERROR, after=timedelta(seconds=60))
    again = stored(row)
    assert timedelta(seconds=60) <= again.due_at - before <= timedelta(seconds=67)
    assert (again.state, again.attempts, again.last_error) == (State.WAITING, 1, "x" * LONGEST_ERROR)
    assert StripeEvent.objects.claim(1) == []
    assert StripeEvent.objects.due(timezone.now() + timedelta(seconds=67)).get() == row


def test_what_is_given_back_was_not_tried_and_keeps_its_turn() -> None:
    first, _ = put(), put()
    [row] = StripeEvent.objects.claim(1)
    assert row.give_back()
    assert stored(first).attempts == 0
    assert StripeEvent.objects.claim(1) == [first]


def test_what_is_given_back_for_a_while_is_due_after_it() -> None:
    put()
    [row] = StripeEvent.objects.claim(1)
    assert row.give_back("away", after=timedelta(seconds=5))
    assert stored(row).last_error == "away"
    assert StripeEvent.objects.claim(1) == []
    assert StripeEvent.objects.due(timezone.now() + timedelta(seconds=6)).exists()


def test_a_fence_holds_when_somebody_gave_the_row_back_meanwhile() -> None:
    put()
    [late] = StripeEvent.objects.claim(1, lease=OVER)
    StripeEvent.objects.claim(1)[0].give_back()
    [present] = StripeEvent.objects.claim(1)
    assert not late.finish()
    assert present.finish()


def test_a_fence_holds_when_the_row_was_done_and_requeued_meanwhile() -> None:
    put()
    [late] = StripeEvent.objects.claim(1, lease=OVER)
    StripeEvent.objects.claim(1)[0].finish()
    stored(late).requeue()
    [present] = StripeEvent.objects.claim(1)
    assert late.attempts == present.attempts
    assert not late.finish()
    assert present.finish()


def test_a_parked_row_waits_for_a_person() -> None:
    put()
    [row] = StripeEvent.objects.claim(1)
    assert row.park("broken")
    assert (stored(row).state, stored(row).last_error) == (State.PARKED, "broken")
    assert not StripeEvent.objects.due(timezone.now() + timedelta(days=365)).exists()


@pytest.mark.parametrize("settled", ["finish", "park"])
def test_a_settled_row_can_be_requeued_from_the_first_attempt(settled: str) -> None:
    put()
    [row] = StripeEvent.objects.claim(1)
    row.finish() if settled == "finish" else row.park("broken")
    assert row.requeue()
    [again] = StripeEvent.objects.claim(1)
    assert (again.attempts, again.finished_at) == (1, None)


def test_a_row_in_work_cannot_be_requeued() -> None:
    put()
    [row] = StripeEvent.objects.claim(1)
    assert not stored(row).requeue()
    assert row.finish()
