"""Whatever happens at Stripe, and however badly its events come, we end with what Stripe's own object says.

Events come in any order, some twice, some late. Workers die before, in the middle of and after their work. Payments are
late, past the grace, given up; trials end without a card. The real sandbox is the other side, and queue, copies and
receivers are our real ones.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from accounts.models import Member, Role, Workspace
from billing.limits import terms_of
from billing.models import Boost, Case, Entitlement, StripeEvent, Subscription
from billing.payments import intake, process
from billing.payments.grace import end_graces
from billing.payments.marks import marks_of
from billing.payments.setup.webhook import EVENTS
from moondev.lib.queue import State
from tests.billing.payments.at_stripe import AtStripe
from tests.billing.payments.dying import DyingWorkers
from tests.billing.payments.seller import FAILS, GOOD, Seller
from tests.billing.sandbox.fixture import Sandbox
from tests.cast import person

PLANS = st.sampled_from(["pro", "team", "pro/year", "team/year"])
# What Stripe makes of a subscription after the last try to be paid.
AFTERMATHS = st.sampled_from(["cancel", "unpaid", "past_due"])
# How far a life has come before its first step, so that rare states are not rare here.
BEGINNINGS = ("paid", "on trial", "paused", "late", "past grace", "given up")
RARELY = st.integers(0, 5).map(lambda number: number == 3)
GRACE = timedelta(days=7)
GRANTING = ("trialing", "active", "past_due")
LIVE = (*GRANTING, "unpaid")


class Life(RuleBasedStateMachine, DyingWorkers, AtStripe):
    """One workspace's life as a customer, and a bad line between Stripe and us."""

    sandbox: Sandbox
    beginning: str

    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        # Each life begins with nothing and leaves nothing.
        self.database = transaction.atomic()
        self.database.__enter__()
        self.sandbox.lever("reset")
        AtStripe.__init__(self, Seller(self.sandbox))
        self.seller.stock()
        self.workspace = Workspace.objects.create(slug="life", name="Life")
        Member.objects.create(workspace=self.workspace, user=person("Livia"), role=Role.OWNER)
        self.customer = self.seller.customer(self.workspace)
        self.on_the_way: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []

    def teardown(self) -> None:
        try:
            if self.subscription:
                self.converge()
                self.compare()
        finally:
            transaction.set_rollback(True)
            self.database.__exit__(None, None, None)

    # What happens at Stripe ---------------------------------------------------------------------------------------

    @initialize(plan=PLANS, aftermath=AFTERMATHS)
    def begin(self, plan: str, aftermath: str) -> None:
        self.sandbox.lever("dunning", aftermath=aftermath)
        self.buy(plan, trial=14 if self.beginning in ("on trial", "paused") else 0)
        if self.beginning == "paused":
            self.lose_card()
            self.wait(15)
        if self.beginning in ("late", "past grace", "given up"):
            self.change_card(FAILS)
            self.wait((367 if plan.endswith("year") else 32) + (28 if self.beginning == "given up" else 0))
        if self.beginning == "past grace":
            self.work(more=True)
            self.let_grace_run_out(is_noted=False)

    def buy(self, plan: str, *, trial: int) -> None:
        """Through Stripe's page, so that the session tells of it as well."""
        marks = marks_of(self.workspace)
        data: Any = {"metadata": marks, **({"trial_period_days": trial} if trial else {})}
        params: Any = {
            "mode": "subscription", "customer": self.customer, "success_url": "https://a.example/",
            "line_items": [{"price": self.seller.prices[plan], "quantity": 1}],
            "metadata": marks, "subscription_data": data,
        }  # fmt: skip
        session = self.seller.api.checkout.sessions.create(params)
        self.sandbox.pay(str(session.url))
        self.subscription = str(self.seller.api.checkout.sessions.retrieve(session.id).subscription)
        if trial:
            without_card: Any = {"end_behavior": {"missing_payment_method": "pause"}}
            self.seller.api.subscriptions.update(self.subscription, {"trial_settings": without_card})
        self.listen()

    @precondition(lambda self: self.is_live())
    @rule(plan=PLANS, quantity=st.integers(1, 3))
    def move(self, plan: str, quantity: int) -> None:
        if len(self.at_stripe()["items"]["data"]) > 1:
            # Beside packs by the month Stripe takes no plan by the year.
            plan = plan.partition("/")[0]
        self.seller.move(self.subscription, plan, quantity=quantity)
        self.listen()

    @precondition(lambda self: self.is_live())
    @rule(quantity=st.integers(0, 2))
    def change_packs(self, quantity: int) -> None:
        """Packs beside a plan by the month; Stripe has no other interval in one subscription."""
        items = {item["price"]["id"]: item for item in self.at_stripe()["items"]["data"]}
        if any(item["price"]["recurring"]["interval"] == "year" for item in items.values()):
            return
        there = items.get(self.seller.prices["alerts-10"])
        row: Any = {"id": there["id"]} if there else {"price": self.seller.prices["alerts-10"]}
        row |= {"quantity": quantity} if quantity else {"deleted": True}
        if there or quantity:
            self.seller.api.subscriptions.update(self.subscription, {"items": [row]})
        self.listen()

    @precondition(lambda self: self.is_live())
    @rule(at_end=st.booleans())
    def cancel_or_resume(self, at_end: bool) -> None:
        self.seller.api.subscriptions.update(self.subscription, {"cancel_at_period_end": at_end})
        self.listen()

    @precondition(lambda self: self.is_live())
    @rule(is_meant=RARELY)
    def cancel_now(self, is_meant: bool) -> None:
        """Rarely: nothing but late news happens in a life after it."""
        if not is_meant:
            return
        self.seller.api.subscriptions.cancel(self.subscription)
        self.listen()

    @rule(card=st.sampled_from([GOOD, FAILS]))
    def change_card(self, card: str) -> None:
        """That of the customer, and that of the subscription, which the payment page has set and which comes first."""
        method = self.seller.use(self.customer, card)
        if self.is_live() or self.status() == "paused":
            self.seller.api.subscriptions.update(self.subscription, {"default_payment_method": method})
        self.listen()

    @rule()
    def lose_card(self) -> None:
        """Taken off on Stripe's page: a trial pauses at its end, a renewal fails."""
        for method in self.seller.api.payment_methods.list({"customer": self.customer}).data:
            self.seller.api.payment_methods.detach(method.id)
        self.listen()

    @precondition(lambda self: self.status() == "paused")
    @rule()
    def go_on(self) -> None:
        self.change_card(GOOD)
        self.seller.api.subscriptions.resume(self.subscription)
        self.listen()

    @rule(days=st.sampled_from([1, 8, 32]))
    def wait(self, days: int) -> None:
        self.sandbox.advance(days=days)
        self.listen()

    @precondition(lambda self: self.status() in ("past_due", "unpaid"))
    @rule()
    def pay_what_is_open(self) -> None:
        self.change_card(GOOD)
        for invoice in self.seller.api.invoices.list({"subscription": self.subscription, "status": "open"}).data:
            self.seller.api.invoices.pay(str(invoice.id))
        self.listen()

    @precondition(lambda self: self.refundable() is not None)
    @rule()
    def refund(self) -> None:
        """All of the last payment for a period."""
        charge = self.refundable()
        assert charge is not None
        self.renewals_before_refund = self.paid_renewals()
        self.seller.api.refunds.create({"charge": charge})
        self.listen()

    # The line between ---------------------------------------------------------------------------------------------

    def listen(self) -> None:
        """Stripe has sent events for what has just happened; they are on the way."""
        self.on_the_way += [event for event in self.news() if event["type"] in EVENTS]

    @precondition(lambda self: self.on_the_way)
    @rule(choice=st.randoms(use_true_random=False), count=st.integers(1, 20), worked=st.booleans())
    def arrive(self, choice: Any, count: int, worked: bool) -> None:
        """Some arrive, whichever, and as a rule somebody works on them."""
        for _ in range(min(count, len(self.on_the_way))):
            self.deliver(self.on_the_way.pop(choice.randrange(len(self.on_the_way))))
        if worked:
            process.work()

    @precondition(lambda self: self.sent)
    @rule(choice=st.randoms(use_true_random=False))
    def arrive_again(self, choice: Any) -> None:
        self.deliver(choice.choice(self.sent))

    @precondition(lambda self: StripeEvent.objects.filter(state=State.DONE).exists())
    @rule()
    def replay(self) -> None:
        """Staff put one back into the queue."""
        row = StripeEvent.objects.filter(state=State.DONE).order_by("finished_at").last()
        assert row is not None
        row.requeue()

    def deliver(self, event: dict[str, Any]) -> None:
        self.sent.append(event)
        intake.store(intake.read(json.dumps(event, default=str).encode()))

    # Our workers --------------------------------------------------------------------------------------------------

    @rule(more=st.booleans())
    def work(self, more: bool) -> None:
        """All that is due; `more`: what is on the way has arrived in time."""
        if more:
            while self.on_the_way:
                self.deliver(self.on_the_way.pop(0))
        process.work(1000)

    @precondition(lambda self: Subscription.objects.filter(grace_ends_at__isnull=False).exists())
    @rule(is_noted=st.booleans())
    def let_grace_run_out(self, is_noted: bool) -> None:
        """Days pass on our clock, which the sandbox's does not move."""
        over = timezone.now() - timedelta(seconds=1)
        late = Subscription.objects.filter(grace_ends_at__isnull=False)
        assert late.update(past_due_since=over - GRACE, grace_ends_at=over)
        for rows in (Entitlement.objects.all(), Boost.objects.all()):
            rows.filter(revoked_at=None, ends_at__isnull=False).update(starts_at=over - GRACE, ends_at=over)
        if is_noted:
            end_graces()

    # The end ------------------------------------------------------------------------------------------------------

    def converge(self) -> None:
        """Everything arrives at last, and somebody works until nothing is left."""
        for event in self.on_the_way:
            self.deliver(event)
        self.let_leases_run_out()
        StripeEvent.objects.filter(state=State.WAITING).update(due_at=timezone.now())
        process.work(1000)

    def compare(self) -> None:
        left = StripeEvent.objects.exclude(state=State.DONE).values_list("type", "state", "last_error")
        assert list(left) == []
        there, row = self.fresh(), Subscription.objects.get()
        assert (row.status, row.workspace) == (there["status"], self.workspace)
        names = {price: name for name, price in self.seller.prices.items()}
        sold = {names[item["price"]["id"]]: item["quantity"] for item in there["items"]["data"]}
        packs = sold.pop("alerts-10", 0)
        ((plan, quantity),) = ((name.partition("/")[0], many) for name, many in sold.items())
        assert (row.grace_ends_at is not None) is (there["status"] == "past_due")
        is_past_grace = row.grace_ends_at is not None and row.grace_ends_at <= timezone.now()
        has = there["status"] in GRANTING and not is_past_grace and not self.is_refunded()
        assert terms_of(self.workspace).plan == (plan if has else "free"), self.story()
        running = Entitlement.objects.not_over().values_list("plan_id", "quantity")
        assert list(running) == ([(plan, quantity)] if has else [])
        boosts = Boost.objects.not_over().values_list("add_on_id", "quantity")
        assert list(boosts) == ([("alerts-10", packs)] if has and packs else [])
        assert not Case.objects.filter(kind__in=["unknown_price", "second_subscription", "drift"]).exists()

    def is_live(self) -> bool:
        return self.status() in LIVE


@pytest.mark.slow(5)
@pytest.mark.django_db
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_every_order_ends_where_stripe_is(sandbox: Sandbox, beginning: str) -> None:
    life = type("Life", (Life,), {"sandbox": sandbox, "beginning": beginning})
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=int(os.environ.get("LIVES", "3")),
            stateful_step_count=20,
            deadline=None,
            # To find the shortest life that fails takes minutes; the one that was found is printed.
            phases=(Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )
