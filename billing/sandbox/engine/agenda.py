"""What waits for the clock: schedules first, then subscriptions, then invoices and sessions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from billing.sandbox.clock import Work, due
from billing.sandbox.engine import collection, refunds, schedules, sessions, subscriptions
from billing.sandbox.engine.news import telling
from billing.sandbox.events import emit
from billing.sandbox.store import Object, store

HOUR, DAY = 3_600, 86_400
# The first payment of a subscription must be made within these hours.
INCOMPLETE_SECONDS = 23 * HOUR
NOTICE_SECONDS = 3 * DAY


@due
def phases() -> Iterator[Work]:
    # Before renewals: at the end of a period its next price is to be the new phase's.
    for schedule in store().rows("subscription_schedule"):
        moment = schedules.next_moment(schedule)
        if moment is not None:
            yield moment, partial(schedules.step, schedule)


@due
def renewals() -> Iterator[Work]:
    for subscription in store().rows("subscription"):
        if subscription["status"] == "incomplete":
            yield subscription["created"] + INCOMPLETE_SECONDS, partial(subscriptions.expire, subscription)
        elif subscription["status"] in subscriptions.LIVE and subscription["status"] != "paused":
            yield from _of_running(subscription)


def _of_running(subscription: Object) -> Iterator[Work]:
    end = subscriptions.period(subscription)[1]
    if subscription["status"] == "trialing" and not subscription.get("_is_trial_told"):
        yield max(subscription["trial_end"] - NOTICE_SECONDS, subscription["created"]), partial(_tell, subscription)
    if subscription["cancel_at"] is not None and subscription["cancel_at"] <= end:
        yield subscription["cancel_at"], partial(subscriptions.end, subscription, None)
    else:
        yield end, partial(subscriptions.renew, subscription)


def _tell(subscription: Object) -> None:
    subscription["_is_trial_told"] = True
    emit("customer.subscription.trial_will_end", subscription)


@due
def collections() -> Iterator[Work]:
    for invoice in store().rows("invoice"):
        if invoice["status"] == "draft" and invoice["automatically_finalizes_at"] and invoice["auto_advance"]:
            yield invoice["automatically_finalizes_at"], partial(collection.advance, invoice)
        elif invoice["status"] == "open" and invoice["next_payment_attempt"]:
            yield invoice["next_payment_attempt"], partial(_try_again, invoice)


def _try_again(invoice: Object) -> None:
    with telling("invoice.updated", invoice):
        invoice["next_payment_attempt"] = None
    collection.charge(invoice)


@due
def expiries() -> Iterator[Work]:
    for session in store().rows("checkout.session", status="open"):
        yield session["expires_at"], partial(sessions.expire, session)


@due
def quarrels() -> Iterator[Work]:
    # A second after the sale, so that the product knows the charge when it is disputed.
    for charge in store().rows("charge", _is_quarrel_due=True):
        yield charge["created"] + 1, partial(_quarrel, charge)


def _quarrel(charge: Object) -> None:
    refunds.open_dispute(charge)
