"""Whatever happens at Stripe, and however badly its events come, we end with what Stripe's own object says.

Events come in any order, some twice, some late. Workers die before, in the middle of and after their work. The real
sandbox is the other side, and the real queue and receivers are ours.
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

from accounts.models import AuditEntry, Member, Role, Workspace
from billing.limits import terms_of
from billing.models import Boost, Case, Entitlement, StripeEvent, Subscription
from billing.payments import intake, process, receivers
from billing.payments.marks import marks_of
from moondev.lib.queue import State
from tests.billing.payments.seller import FAILS, GOOD, Seller
from tests.billing.sandbox.fixture import Sandbox
from tests.cast import person

PLANS = st.sampled_from(["pro", "team", "pro/year", "team/year"])
LIVE = ("trialing", "active", "past_due", "unpaid")
GRANTING = ("trialing", "active", "past_due")


class Died(Exception):
    """A worker's process ended."""


class Life(RuleBasedStateMachine):
    """One workspace's life as a customer, and a bad line between Stripe and us."""

    sandbox: Sandbox

    def __init__(self) -> None:
        super().__init__()
        # Each life begins with nothing and leaves nothing.
        self.database = transaction.atomic()
        self.database.__enter__()
        self.sandbox.lever("reset")
        self.seller = Seller(self.sandbox)
        self.seller.stock()
        self.workspace = Workspace.objects.create(slug="life", name="Life")
        Member.objects.create(workspace=self.workspace, user=person("Livia"), role=Role.OWNER)
        self.customer = self.seller.customer(self.workspace)
        self.known: set[str] = set()
        self.on_the_way: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.renewals_before_refund: set[str] | None = None
        self.subscription = ""

    def teardown(self) -> None:
        try:
            if self.subscription:
                self.converge()
                self.compare()
        finally:
            transaction.set_rollback(True)
            self.database.__exit__(None, None, None)

    # What happens at Stripe ---------------------------------------------------------------------------------------

    @initialize(plan=PLANS, trial=st.sampled_from([0, 0, 14]))
    def buy(self, plan: str, trial: int) -> None:
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
    @rule()
    def cancel_now(self) -> None:
        self.seller.api.subscriptions.cancel(self.subscription)
        self.listen()

    @rule(card=st.sampled_from([GOOD, FAILS]))
    def change_card(self, card: str) -> None:
        self.seller.use(self.customer, card)
        self.listen()

    @rule(days=st.sampled_from([1, 8, 32]))
    def wait(self, days: int) -> None:
        self.sandbox.advance(days=days)
        self.listen()

    @precondition(lambda self: self.status() == "past_due")
    @rule()
    def pay_what_is_open(self) -> None:
        self.seller.use(self.customer, GOOD)
        for invoice in self.seller.api.invoices.list({"subscription": self.subscription, "status": "open"}).data:
            self.seller.api.invoices.pay(str(invoice.id))
        self.listen()

    @precondition(lambda self: self.refundable() is not None)
    @rule()
    def refund(self) -> None:
        """All of the last payment."""
        charge = self.refundable()
        assert charge is not None
        self.renewals_before_refund = self.paid_renewals()
        self.seller.api.refunds.create({"charge": charge})
        self.listen()

    # The line between ---------------------------------------------------------------------------------------------

    def listen(self) -> None:
        """Stripe has sent events for what has just happened; they are on the way."""
        for event in self.seller.api.events.list({"limit": 100}).auto_paging_iter():
            if event.id in self.known:
                break
            self.known.add(event.id)
            self.on_the_way.append(event.to_dict())

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

    @rule(count=st.integers(1, 3))
    def die_after(self, count: int) -> None:
        """A worker ends between its deed and the note that it is done."""
        for event in StripeEvent.objects.claim(count):
            receivers.receive(event)

    @rule()
    def let_leases_run_out(self) -> None:
        past = timezone.now() - timedelta(seconds=1)
        StripeEvent.objects.filter(state=State.RUNNING).update(lease_until=past)

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
        there, row = self.at_stripe(), Subscription.objects.get()
        assert (row.status, row.workspace) == (there["status"], self.workspace)
        names = {price: name for name, price in self.seller.prices.items()}
        sold = {names[item["price"]["id"]]: item["quantity"] for item in there["items"]["data"]}
        packs = sold.pop("alerts-10", 0)
        ((plan, quantity),) = ((name.partition("/")[0], many) for name, many in sold.items())
        has = there["status"] in GRANTING and not self.is_refunded()
        assert terms_of(self.workspace).plan == (plan if has else "free"), self.story()
        running = Entitlement.objects.not_over().values_list("plan_id", "quantity")
        assert list(running) == ([(plan, quantity)] if has else [])
        boosts = Boost.objects.not_over().values_list("add_on_id", "quantity")
        assert list(boosts) == ([("alerts-10", packs)] if has and packs else [])
        assert not Case.objects.filter(kind__in=["unknown_price", "second_subscription", "drift"]).exists()

    def story(self) -> str:
        """What we did and what was to be done, for whoever has to find out why."""
        deeds = [f"{deed.action} {deed.target} {deed.data}" for deed in AuditEntry.objects.order_by("pk")]
        cases = [f"{case.kind} {case.reference} {case.detail}" for case in Case.objects.all()]
        told = [f"{row.type} {row.object_id} {row.attempts}" for row in StripeEvent.objects.order_by("finished_at")]
        paid = [f"{row['id']} {row['status']} {row['created']} {row['amount_paid']}" for row in self.invoices()]
        refunds = [f"{row.id} {row.charge} {row.created}" for row in self.seller.api.refunds.list().data]
        return "\n".join([*deeds, *cases, *told, *paid, *refunds, str(Subscription.objects.values().get())])

    # What Stripe's own objects say --------------------------------------------------------------------------------

    def at_stripe(self) -> dict[str, Any]:
        return self.seller.api.subscriptions.retrieve(self.subscription).to_dict()

    def status(self) -> str:
        return str(self.at_stripe()["status"]) if self.subscription else ""

    def is_live(self) -> bool:
        return self.status() in LIVE

    def invoices(self) -> list[dict[str, Any]]:
        """Newest first, with their payments."""
        params: Any = {"subscription": self.subscription, "limit": 100, "expand": ["data.payments"]}
        return [invoice.to_dict() for invoice in self.seller.api.invoices.list(params).data]

    def paid_renewals(self) -> set[str]:
        """Renewals for which money came."""
        paid = [row for row in self.invoices() if row["amount_paid"] and row["status"] == "paid"]
        return {row["id"] for row in paid if row["billing_reason"] == "subscription_cycle"}

    def refundable(self) -> str | None:
        """The charge of the last payment, unless it went back already."""
        paid = [row for row in self.invoices() if row["amount_paid"]] if self.subscription else []
        if not paid:
            return None
        intent = paid[0]["payments"]["data"][-1]["payment"]["payment_intent"]
        charge = next(row for row in self.seller.api.charges.list({"payment_intent": intent}).data if row.paid)
        return None if charge.amount_refunded else charge.id

    def is_refunded(self) -> bool:
        """Whether the last payment went back and no renewal was paid since."""
        before = self.renewals_before_refund
        return before is not None and self.paid_renewals() <= before


@pytest.mark.slow(20)
@pytest.mark.django_db
def test_every_order_ends_where_stripe_is(sandbox: Sandbox) -> None:
    Life.sandbox = sandbox
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=int(os.environ.get("LIVES", "12")),
            stateful_step_count=20,
            deadline=None,
            # To find the shortest life that fails takes minutes; the one that was found is printed.
            phases=(Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )
