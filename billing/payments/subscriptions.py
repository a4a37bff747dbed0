"""From Stripe's subscription to our row and what it gives: read again, written whole, in any order, however often.

Nothing is taken from an event but the id: whatever event came first, last or twice, the object as Stripe has it at this
moment decides.
"""

from __future__ import annotations

from typing import Any

import stripe
from django.db import connection, transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Workspace
from billing import cases
from billing.models import Case, Subscription
from billing.payments import grants
from billing.payments.customers import note_payer
from billing.payments.grace import late_since, mark_late
from billing.payments.lifting import lift_if_renewed
from billing.payments.marks import ACTOR
from billing.payments.memory import recall
from billing.payments.owners import owner_of
from billing.payments.prices import PriceList
from billing.payments.reading import DISCOUNTS, Reading, read
from billing.payments.stripe_api import MISSING, client

EXPANDED = ["schedule.phases.items.price", DISCOUNTS]
# What the log of deeds tells of a change.
TOLD = ("status", "plan_id", "interval", "quantity", "cancels_at", "next_plan_id", "next_at", "workspace_id")


class UnknownPrice(Exception):
    """A subscription has a price that sells nothing of ours: staff have a case, and what the workspace has stays."""


def apply_subscription(subscription_id: str) -> Subscription | None:
    """Read a subscription from Stripe and make our rows say the same. None when neither Stripe nor we know it.

    Idempotent, and one at a time for each subscription, so an older reading never overwrites a newer one.
    Raises UnknownPrice after everything else is stored, and what the client raises while Stripe is away. Not to be
    called inside a transaction that an exception undoes.
    """
    with transaction.atomic():
        _lock(subscription_id)
        found = _retrieve(subscription_id)
        if found is None:
            return _missing(subscription_id)
        reading = read(found, PriceList.read())
        row = _store(reading)
        grants.entitle(row, reading.packs, is_known=reading.is_known)
        _check_prices(row, reading)
        _check_alone(row)
    if not reading.is_known:
        raise UnknownPrice(f"{row.pk} has the price {', '.join(reading.unknown)}, which no plan has")
    return row


def _lock(subscription_id: str) -> None:
    """Until the transaction ends nobody else applies this subscription; a row to lock may not be there yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"subscription {subscription_id}"])


def _retrieve(subscription_id: str) -> dict[str, Any] | None:
    """The object with all of its items; None when Stripe knows no such subscription."""
    api = client().v1
    try:
        found: dict[str, Any] = api.subscriptions.retrieve(subscription_id, params={"expand": EXPANDED}).to_dict()
    except stripe.InvalidRequestError as error:
        if error.code != MISSING:
            raise
        return None
    if found["items"]["has_more"]:
        items = api.subscription_items.list({"subscription": subscription_id, "limit": 100})
        found["items"]["data"] = [item.to_dict() for item in items.auto_paging_iter()]
    return found


def _missing(subscription_id: str) -> Subscription | None:
    """Stripe forgets nothing but test data. With another account's key it knows none of ours, which takes no plans."""
    row = Subscription.objects.filter(pk=subscription_id).first()
    if row is not None and row.is_live:
        detail = "Stripe does not know this subscription. Is STRIPE_SECRET_KEY that of another account?"
        cases.open_case(kind=Case.Kind.DRIFT, reference=row.pk, detail=detail, workspace=row.workspace)
    return row


def _store(reading: Reading) -> Subscription:
    """Our row as the reading says, audited where it differs."""
    now = timezone.now()
    stored = Subscription.objects.select_for_update().filter(pk=reading.id).first()
    row = stored or Subscription(pk=reading.id)
    before = _told(row) if stored else {}
    for name, value in reading.values.items():
        setattr(row, name, value)
    row.workspace = owner_of(reading, row)
    recall(row)
    mark_late(row, late_since(row, now))
    lift_if_renewed(row)
    if not row.is_live:
        row.cancel_requested_at = None
    row.synced_at = now
    row.save()
    note_payer(row)
    _record(row, before)
    return row


def _told(row: Subscription) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in TOLD}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def _record(row: Subscription, before: dict[str, Any]) -> None:
    changed = {name: [before.get(name), value] for name, value in _told(row).items() if before.get(name) != value}
    if changed:
        action = "subscription.changed" if before else "subscription.began"
        audit.record(action=action, workspace=row.workspace, actor_label=ACTOR, target=row.pk, changed=changed)


def _check_prices(row: Subscription, reading: Reading) -> None:
    """Tell staff of prices that sell nothing of ours; close their case once all are known."""
    kind = Case.Kind.UNKNOWN_PRICE
    if reading.unknown and row.is_live:
        detail = f"It is paid by {', '.join(reading.unknown)}, which no plan and no add-on has."
        cases.open_case(kind=kind, reference=row.pk, detail=detail, workspace=row.workspace)
    else:
        cases.settle_cases(kind=kind, reference=row.pk, note="Its prices are known now, or it has ended.")


def _check_alone(row: Subscription) -> None:
    """Tell staff when a workspace pays twice: both give what they sell, and one of them is likely a mistake."""
    if row.workspace_id is None:
        return
    # Two that begin at the same moment must see one another.
    Workspace.objects.select_for_update(no_key=True).get(pk=row.workspace_id)
    paid = Subscription.objects.for_workspace(row.workspace_id).live()
    live = list(paid.exclude(status=Subscription.Status.INCOMPLETE).order_by("started_at", "pk"))
    for extra in live[1:]:
        detail = f"The workspace pays {live[0].pk} already."
        cases.open_case(
            kind=Case.Kind.SECOND_SUBSCRIPTION, reference=extra.pk, detail=detail, workspace=extra.workspace
        )
    for single in {row.pk, *(other.pk for other in live[:1])} - {other.pk for other in live[1:]}:
        note = "One subscription is left."
        cases.settle_cases(kind=Case.Kind.SECOND_SUBSCRIPTION, reference=single, note=note)
