"""Money that goes back: a full refund or a lost dispute takes the plan away, anything less is for staff to decide."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User, Workspace
from billing import cases, changes
from billing.models import Boost, Case, Subscription
from billing.payments import boosts, grants
from billing.payments.lifting import NEWEST, lift
from billing.payments.marks import ACTOR
from billing.payments.memory import SUSPENDED
from billing.payments.reading import begins_period, subscription_of_invoice
from billing.payments.stripe_api import AWAY, client
from billing.payments.subscriptions import UnknownPrice, apply_subscription
from moondev.lib.errors import Conflict, Forbidden, Invalid, Unavailable

# A dispute is open until it has one of these; a warning that was closed has cost nothing.
LOST, SETTLED = "lost", ("won", "warning_closed", "prevented")
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Paid:
    """What a payment bought: time of a subscription, or packs. Neither: it is none of this product's.

    `is_latest`: no later one pays for a period of the subscription, so the plan hangs on it. `newest_invoice` is the
    one that does.
    """

    subscription: Subscription | None
    packs: list[Boost]
    is_latest: bool = True
    newest_invoice: str = ""

    @property
    def workspace(self) -> Workspace | None:
        if self.subscription is not None:
            return self.subscription.workspace
        return self.packs[0].workspace if self.packs else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What money that goes back means here. `because`: it is taken away. Else `detail`: staff decide."""

    paid: Paid
    kind: Case.Kind
    reference: str
    because: str = ""
    detail: str = ""
    # Why nothing is left to decide about it.
    settled: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it was carried out already; staff may have lifted or closed it since."""
        if self.because:
            row = self.paid.subscription
            return (row is None or self.reference in row.suspended_by) and all(p.revoked_at for p in self.paid.packs)
        about = Case.objects.filter(kind=self.kind, reference=self.reference)
        return not about.filter(closed_at=None).exists() if self.settled else about.filter(detail=self.detail).exists()


def verdict_on_refund(charge_id: str, *, repair: bool = True) -> Verdict | None:
    """All of what pays for the running period suspends; a part of it, or anything else, is for staff.

    None: nothing went back, or nothing of ours. Without `repair` nothing of ours is written.
    """
    charge = client().v1.charges.retrieve(charge_id).to_dict()
    if not charge["amount_refunded"]:
        return None
    refund = client().v1.refunds.list({"charge": charge_id, "limit": 1}).data[0]
    paid = _bought_with(charge["payment_intent"], at=refund.created, repair=repair)
    verdict = partial(Verdict, paid, Case.Kind.PARTIAL_REFUND, charge_id)
    if charge["refunded"] and paid.is_latest:
        return verdict(because="Full refund of the last payment", settled="All of it went back by now.")
    if not (paid.subscription or paid.packs):
        return None
    back = f"{charge['amount_refunded'] / 100:,.2f} of {charge['amount'] / 100:,.2f} {charge['currency'].upper()}"
    return verdict(detail=f"{back} went back; the plan was left as it is.")


def verdict_on_dispute(dispute_id: str, *, repair: bool = True) -> Verdict | None:
    """An open one is for staff, a lost one suspends. None: it is about nothing of ours."""
    dispute = client().v1.disputes.retrieve(dispute_id).to_dict()
    paid = _bought_with(dispute["payment_intent"], repair=repair)
    verdict = partial(Verdict, paid, Case.Kind.DISPUTE, dispute_id)
    status = dispute["status"]
    if status == LOST or status in SETTLED:
        because = "Lost dispute" if status == LOST else ""
        return verdict(because=because, settled=f"The dispute is over: {status.replace('_', ' ')}.")
    if not (paid.subscription or paid.packs):
        return None
    amount = f"{dispute['amount'] / 100:,.2f} {dispute['currency'].upper()}"
    return verdict(detail=f"{amount}, {dispute['reason']}: {status}.".replace("_", " "))


def judge_refund(charge_id: str) -> None:
    """Suspend what a charge paid for when all of it went back; open a case when a part of it, or an older one, did."""
    carry_out(verdict_on_refund(charge_id))


def judge_dispute(dispute_id: str) -> None:
    """Open a case for a dispute, close it when the dispute is over, and suspend what it was about when it is lost."""
    carry_out(verdict_on_dispute(dispute_id))


def carry_out(verdict: Verdict | None) -> None:
    """Do what a verdict says, once: staff may have lifted a suspension or closed a case about the same since."""
    if verdict is None:
        return
    paid, kind, reference = verdict.paid, verdict.kind, verdict.reference
    if verdict.because:
        _take_away(paid, by=reference, because=verdict.because)
    if verdict.settled:
        cases.settle_cases(kind=kind, reference=reference, note=verdict.settled)
    elif not verdict.is_done:
        cases.open_case(kind=kind, reference=reference, detail=verdict.detail, workspace=paid.workspace)


def judge_payment(payment_intent: str) -> None:
    """What became of a payment: events about money that went back may come before the one about what it bought."""
    api = client().v1
    for charge in api.charges.list({"payment_intent": payment_intent}).data:
        judge_refund(charge.id)
    for dispute in api.disputes.list({"payment_intent": payment_intent}).data:
        judge_dispute(dispute.id)


def suspend(*, subscription_id: str, by: str, because: str, newest_invoice: str = "") -> None:
    """Take away what a subscription gives until staff lift it. `by`, a charge or a dispute, does so only once."""
    with transaction.atomic():
        row = Subscription.objects.select_for_update().get(pk=subscription_id)
        if by in row.suspended_by:
            return
        row.suspended_at = timezone.now()
        row.suspended_because = because[:LONGEST_REASON]
        # The invoice too: that the next one is paid lifts the suspension.
        row.suspended_by = [*row.suspended_by, by, *filter(None, [newest_invoice])]
        row.save(update_fields=["suspended_at", "suspended_because", "suspended_by"])
        audit.record(
            action=SUSPENDED,
            workspace=row.workspace,
            actor_label=ACTOR,
            target=row.pk,
            reason=row.suspended_because,
            by=row.suspended_by,
        )
        grants.entitle(row, {})


def lift_suspension(*, subscription: Subscription, actor: User, reason: str) -> Subscription:
    """Give a suspended subscription's plan back, as far as it is paid. Staff only.

    Raises Forbidden, Invalid at `/reason`, Conflict when it is not suspended. It is lifted although Conflict tells of a
    price that no plan has, or Unavailable that Stripe is away: then the plan comes with the next event.
    """
    if not (actor.is_active and actor.is_staff):
        raise Forbidden("Only staff may lift a suspension.")
    if not reason.strip() or len(reason.strip()) > LONGEST_REASON:
        raise Invalid.field("/reason", f"Say in 1 to {LONGEST_REASON} characters why the plan is given back.")
    with transaction.atomic():
        row = Subscription.objects.select_for_update().get(pk=subscription.pk)
        if row.suspended_at is None:
            raise Conflict("This subscription is not suspended.")
        lift(row, actor=actor, reason=reason.strip())
        row.save(update_fields=["suspended_at", "suspended_because"])
    try:
        return apply_subscription(row.pk) or row
    except UnknownPrice as error:
        raise Conflict("The suspension is lifted. It is paid by a price that no plan has; see its case.") from error
    except AWAY as error:
        raise Unavailable("The suspension is lifted. Stripe is away; the plan follows when it is back.") from error


def _take_away(paid: Paid, *, by: str, because: str) -> None:
    if paid.subscription is not None:
        suspend(subscription_id=paid.subscription.pk, by=by, because=because, newest_invoice=paid.newest_invoice)
        # A renewal may have been paid since; that a price is unknown is told by the subscription's own events.
        with suppress(UnknownPrice):
            apply_subscription(paid.subscription.pk)
    for pack in paid.packs:
        _end_pack(pack, because)


@transaction.atomic
def _end_pack(pack: Boost, because: str) -> None:
    running = Boost.objects.select_for_update().filter(pk=pack.pk, revoked_at=None).first()
    if running is not None:
        boosts.end_pack(running, timezone.now(), reason=because)
        changes.notify(running.workspace_id)


def _bought_with(payment_intent: str | None, *, at: float = inf, repair: bool = True) -> Paid:
    """What a payment was for: packs are ours to know, a subscription's invoice tells Stripe.

    `at`, in epoch seconds, is when the money went back: what was paid later plays no part.
    """
    if not payment_intent:
        return Paid(None, [])
    packs = list(Boost.objects.filter(payment_id=payment_intent).select_related("workspace"))
    if packs:
        return Paid(None, packs)
    query: Any = {"payment": {"type": "payment_intent", "payment_intent": payment_intent}, "expand": ["data.invoice"]}
    for payment in client().v1.invoice_payments.list(query).data:
        invoice = payment.to_dict()["invoice"]
        subscription_id = subscription_of_invoice(invoice)
        if subscription_id:
            known = Subscription.objects.filter(pk=subscription_id).first()
            row = known or (apply_subscription(subscription_id) if repair else None)
            return _time_of(row, subscription_id, invoice["id"], at)
    return Paid(None, [])


def _time_of(row: Subscription | None, subscription_id: str, invoice_id: str, at: float) -> Paid:
    query: Any = {"subscription": subscription_id, "limit": NEWEST}
    invoices = [invoice.to_dict() for invoice in client().v1.invoices.list(query).data]
    # Stripe's clock has whole seconds: what else was paid in the second of a refund was paid after it.
    before = [
        each["id"]
        for each in invoices
        if begins_period(each) and (each["id"] == invoice_id or (each["amount_paid"] and _paid_at(each) < at))
    ]
    newest = before[0] if before else ""
    return Paid(row, [], is_latest=newest == invoice_id, newest_invoice=newest)


def _paid_at(invoice: Mapping[str, Any]) -> float:
    moment = invoice["status_transitions"]["paid_at"]
    return inf if moment is None else float(moment)
