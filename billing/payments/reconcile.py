"""Stripe and our rows compared, night by night, and what differs mended.

Events may be lost, rows deleted by hand and statuses flipped: whatever it was, the subscription is read and applied
again, and what still differs afterwards becomes a case for staff.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import stripe
import structlog
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEntry, User
from billing import cases
from billing.models import Case, Subscription
from billing.payments import copies, money_back, receivers, sold_once
from billing.payments.drift import Drift, Report, differences, is_on_its_way
from billing.payments.prices import PriceList
from billing.payments.reading import COUPONS, Reading, read
from billing.payments.stripe_api import AWAY, client, in_plain_words
from billing.payments.subscriptions import EXPANDED, UnknownPrice, apply_subscription
from moondev.lib.errors import Conflict, Forbidden

PAGE = 100
# Sales of packs, refunds and copies of invoices are looked for so far back.
BACK = timedelta(days=30)
RECONCILED = "billing.reconciled"
MOST_TOLD = 50
log = structlog.get_logger("billing.reconcile")


def reconcile(*, repair: bool = True) -> Report:
    """Compare every subscription and pack, and sales, refunds and invoices of the last 30 days; mend what differs.

    Without `repair` it only tells.

    Raises what the client raises while Stripe is away; what was mended until then stays so.
    """
    report = Report()
    began = timezone.now()
    seen: set[str] = set()
    prices = PriceList.read()
    for found in _subscriptions():
        seen.add(found["id"])
        report.checked += 1
        report.drifts += _compare(read(found, prices), timezone.now(), prices, repair=repair)
    report.drifts += [_unknown_there(pk, repair=repair) for pk in _live_here(began) if pk not in seen]
    since = timezone.now() - BACK
    report.drifts += sold_once.changed_rows(repair=repair)
    report.drifts += sold_once.lost_sales(since=since, repair=repair)
    report.drifts += money_back.lost_news(since=since, repair=repair)
    report.drifts += copies.stale_invoices(since=since, repair=repair)
    if repair:
        told = [f"{drift.reference}: {drift.what}" for drift in report.drifts[:MOST_TOLD]]
        numbers: dict[str, Any] = report.numbers()
        audit.record(action=RECONCILED, target=f"{len(report.drifts)} differed", told=told, **numbers)
    log.info("reconciled", repair=repair, **report.numbers())
    return report


def read_again(*, subscription: Subscription, actor: User) -> Subscription:
    """Read one subscription from Stripe now, as staff. Raises Forbidden, Conflict for an unknown price, Unavailable."""
    if not (actor.is_active and actor.is_staff):
        raise Forbidden("Only staff may do this.")
    try:
        with in_plain_words():
            row = receivers.take(subscription.pk)
    except UnknownPrice as error:
        raise Conflict(
            "It is paid by a price that no plan has. Give the price to a plan, then read it again."
        ) from error
    return row or subscription


def last_run() -> AuditEntry | None:
    """The line of the last comparison that was allowed to mend; its data has the report's numbers."""
    return AuditEntry.objects.filter(action=RECONCILED).order_by("-at").first()


def _subscriptions() -> Iterator[dict[str, Any]]:
    """Every subscription that Stripe has, whatever its status. Its schedule names prices by their ids alone.

    Nor do coupons tell their products there: Stripe expands no more than four levels, `data` among them. Whatever
    differs for that is looked at again one by one.
    """
    expand = ["data.schedule", f"data.{COUPONS}"]
    rows = client().v1.subscriptions.list({"status": "all", "limit": PAGE, "expand": expand})
    return (_whole(row.to_dict()) for row in rows.auto_paging_iter())


def _whole(found: dict[str, Any]) -> dict[str, Any]:
    """The subscription with all of its items; a list carries the first ten."""
    if found["items"]["has_more"]:
        items = client().v1.subscription_items.list({"subscription": found["id"], "limit": PAGE})
        found["items"]["data"] = [item.to_dict() for item in items.auto_paging_iter()]
    return found


def _live_here(began: datetime) -> list[str]:
    """What we take for live; what was bought while the list was read is in no page of it."""
    rows = Subscription.objects.live().filter(synced_at__lt=began)
    return list(rows.values_list("pk", flat=True))


def _compare(reading: Reading, now: datetime, prices: PriceList, *, repair: bool) -> list[Drift]:
    row = Subscription.objects.filter(pk=reading.id).first()
    if row is None and not reading.is_known and reading.values["ended_at"]:
        # Another shop's on the same account, and over: none of ours.
        return []
    if not differences(reading, row, now) or is_on_its_way(reading.id):
        return []
    # A page of the list may be minutes old by now: what is right meanwhile was no drift.
    found = _look(reading.id, prices)
    what = "; ".join(found)
    return [Drift(reading.id, what, is_mended=repair and _mend(reading.id, prices))] if found else []


def _look(subscription_id: str, prices: PriceList) -> list[str]:
    """What differs at this moment."""
    fresh = client().v1.subscriptions.retrieve(subscription_id, {"expand": EXPANDED}).to_dict()
    row = Subscription.objects.filter(pk=subscription_id).first()
    return differences(read(_whole(fresh), prices), row, timezone.now())


def _mend(subscription_id: str, prices: PriceList) -> bool:
    """Apply it and look again. A case tells what is left, and is closed once nothing is."""
    row = _applied(subscription_id, receivers.take)
    left = _look(subscription_id, prices)
    if not left:
        cases.settle_cases(kind=Case.Kind.DRIFT, reference=subscription_id, note="Mended by the nightly comparison.")
        return True
    workspace = row.workspace if row else None
    cases.open_case(kind=Case.Kind.DRIFT, reference=subscription_id, detail="; ".join(left), workspace=workspace)
    return False


def _applied(subscription_id: str, apply: Callable[[str], Subscription | None]) -> Subscription | None:
    """Our row after applying it. One that cannot be applied does not keep the others from being compared."""
    try:
        return apply(subscription_id)
    except AWAY:
        raise
    except (UnknownPrice, stripe.StripeError) as error:
        log.warning("cannot be applied", subscription=subscription_id, kind=type(error).__name__)
        return Subscription.objects.filter(pk=subscription_id).first()


def _unknown_there(subscription_id: str, *, repair: bool) -> Drift:
    """Live here and in no page of Stripe's. Applying it opens the case, or finds it after all."""
    is_mended = False
    if repair:
        _applied(subscription_id, apply_subscription)
        opened = Case.objects.filter(kind=Case.Kind.DRIFT, reference=subscription_id, closed_at=None)
        is_mended = not opened.exists()
    return Drift(subscription_id, "Stripe does not know it", is_mended=is_mended)
