"""Workers that end wherever a worker can end: before their work, in the middle of it, and after it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import rule

from billing.models import StripeEvent
from billing.payments import mirror, receivers
from moondev.lib.queue import State


class Died(Exception):
    """A worker's process ended."""


class DyingWorkers:
    """Rules for a state machine in which events are due."""

    @rule(count=st.integers(1, 4))
    def die_before(self, count: int) -> None:
        """A worker takes events and ends."""
        StripeEvent.objects.claim(count)

    @rule()
    def die_in_the_middle(self) -> None:
        """A worker ends before its transaction does."""
        for event in StripeEvent.objects.claim(1):
            try:
                with transaction.atomic():
                    receivers.receive(event)
                    raise Died
            except Died:
                pass

    @rule(count=st.integers(1, 2))
    def die_between(self, count: int) -> None:
        """A worker ends when dj-stripe's copy is there and our receiver has not been told."""
        for event in StripeEvent.objects.claim(count):
            mirror.mirror(event)

    @rule(count=st.integers(1, 3))
    def die_after(self, count: int) -> None:
        """A worker ends between its deed and the note that it is done."""
        for event in StripeEvent.objects.claim(count):
            receivers.receive(event)

    @rule()
    def let_leases_run_out(self) -> None:
        past = timezone.now() - timedelta(seconds=1)
        StripeEvent.objects.filter(state=State.RUNNING).update(lease_until=past)
