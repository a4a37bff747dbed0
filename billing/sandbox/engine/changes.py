"""Changing what a subscription holds: its items, its cycle, its trial."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

from billing.sandbox.engine import lines, prorations, subscriptions
from billing.sandbox.engine.periods import period_end
from billing.sandbox.engine.subscriptions import Wanted
from billing.sandbox.errors import Refused
from billing.sandbox.shapes.subscription import plan_of
from billing.sandbox.store import Object, store

BEHAVIORS = ("create_prorations", "always_invoice", "none")
Pair = tuple[Object | None, Wanted | None]


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of a subscription. `wanted` is all that it holds afterwards."""

    wanted: Sequence[Wanted]
    behavior: str = "create_prorations"
    # The second from which it counts; None: now.
    at: int | None = None
    # Begin a new cycle now, as a change of interval does by itself.
    resets: bool = False
    # When a trial is to end; None leaves it as it is.
    trial_end: int | None = None
    # Lines of things that are paid once, for the invoice of this change.
    extra: Sequence[Object] = ()


def check(subscription: Object, change: Change) -> None:
    """Raises Refused for items that cannot be billed together, or for none."""
    check_items(change.wanted)
    start, end = subscriptions.period(subscription)
    if change.at is not None and not start <= change.at <= end:
        raise Refused("`proration_date` must be within the current billing period.", param="proration_date")


def check_items(wanted: Sequence[Wanted]) -> None:
    """Raises Refused for none, for a price that is paid once, and for two rhythms or currencies."""
    if not wanted:
        raise Refused("A subscription must have at least one active plan.", param="items")
    for each in wanted:
        if not each.price["recurring"]:
            raise Refused(
                f"The price specified is set to `type=one_time` but this field only accepts prices with "
                f"`type=recurring`: {each.price['id']}",
                param="items",
            )
    if len({(each.price["currency"], *rhythm(each.price)) for each in wanted}) > 1:
        raise Refused("Currency and interval fields must match across all plans on this subscription.", param="items")
    if len({each.price["id"] for each in wanted}) < len(wanted):
        raise Refused("Cannot add multiple subscription items with the same plan.", param="items")


def rhythm(price: Object) -> tuple[str, int]:
    return price["recurring"]["interval"], price["recurring"]["interval_count"]


def apply(subscription: Object, change: Change) -> Object | None:
    """Make the change, prorated; the answer is the draft of an invoice where one is due now."""
    end = subscriptions.period(subscription)[1]
    at = min(store().now() if change.at is None else change.at, end)
    pairs = _pairs(subscriptions.items_of(subscription), change.wanted)
    turns = _turns(subscription, change, at, end)
    is_prorated = change.behavior != "none" and subscription["status"] != "trialing"
    if is_prorated:
        _credit(subscription, pairs, at, whole=turns)
    _keep_rhythm(subscription, change, at, end)
    changed = _replace(subscription, pairs)
    if turns:
        _turn(subscription, change)
    elif change.trial_end is not None:
        _extend_trial(subscription, change.trial_end)
    elif is_prorated:
        for item in changed:
            prorations.debit(subscription, item, at)
    is_due = turns or bool(change.extra) or (change.behavior == "always_invoice" and is_prorated)
    return _bill(subscription, change, turns=turns) if is_due else None


def _pairs(old: Sequence[Object], wanted: Sequence[Wanted]) -> list[Pair]:
    """Each item that there is with what becomes of it (None: nothing), then what is new."""
    named = {each.item: each for each in wanted if each.item}
    kept: list[Pair] = [(item, named.get(item["id"])) for item in old]
    return kept + [(None, each) for each in wanted if not each.item]


def _turns(subscription: Object, change: Change, at: int, end: int) -> bool:
    """Whether a new cycle begins. At the very end of a period that is the renewal's business."""
    old = subscriptions.items_of(subscription)[0]["price"]
    if change.trial_end is not None:
        return subscription["status"] != "trialing" or change.trial_end <= store().now()
    return at < end and (change.resets or rhythm(old) != rhythm(change.wanted[0].price))


def _is_same(item: Object, wanted: Wanted) -> bool:
    return bool(item["price"]["id"] == wanted.price["id"] and item["quantity"] == wanted.quantity)


def _credit(subscription: Object, pairs: Sequence[Pair], at: int, *, whole: bool) -> None:
    for item, wanted in pairs:
        if item and (whole or wanted is None or not _is_same(item, wanted)):
            prorations.credit(subscription, item, at)


def _keep_rhythm(subscription: Object, change: Change, at: int, end: int) -> None:
    old = subscriptions.items_of(subscription)[0]["price"]
    if at >= end and rhythm(old) != rhythm(change.wanted[0].price):
        subscription["billing_cycle_anchor"] = end


def _replace(subscription: Object, pairs: Sequence[Pair]) -> list[Object]:
    """Write the new items; the answer is those that are new or not as they were."""
    start, end = subscriptions.period(subscription)
    items: list[Object] = []
    changed: list[Object] = []
    for item, wanted in pairs:
        if wanted is None:
            continue
        if item is None:
            item = subscriptions.make_item(subscription["id"], wanted, start, end)
            changed.append(item)
        elif not _is_same(item, wanted):
            item |= {"price": deepcopy(wanted.price), "plan": plan_of(wanted.price), "quantity": wanted.quantity}
            changed.append(item)
        item["metadata"] = dict(wanted.metadata)
        items.append(item)
    subscription["items"]["data"] = items
    return changed


def _turn(subscription: Object, change: Change) -> None:
    """Begin a new cycle, or a trial, now."""
    now = store().now()
    is_trial = change.trial_end is not None and change.trial_end > now
    recurring = subscriptions.items_of(subscription)[0]["price"]["recurring"]
    end = change.trial_end if is_trial and change.trial_end else period_end(now, now, recurring)
    if is_trial:
        subscription |= {"status": "trialing", "trial_start": now, "trial_end": end}
    elif subscription["status"] == "trialing":
        subscription |= {"status": "active", "trial_end": now}
    subscription["billing_cycle_anchor"] = end if is_trial else now
    for item in subscriptions.items_of(subscription):
        item |= {"current_period_start": now, "current_period_end": end}
    if subscription["cancel_at_period_end"]:
        subscription["cancel_at"] = end


def _extend_trial(subscription: Object, trial_end: int) -> None:
    """Let a running trial end at another time."""
    subscription |= {"trial_end": trial_end, "billing_cycle_anchor": trial_end}
    for item in subscriptions.items_of(subscription):
        item["current_period_end"] = trial_end


def _bill(subscription: Object, change: Change, *, turns: bool) -> Object | None:
    customer = store().get("customer", subscription["customer"])
    start, end = subscriptions.period(subscription)
    write = lines.trial if subscription["status"] == "trialing" else lines.recurring
    own = [write(item, start, end) for item in subscriptions.items_of(subscription)] if turns else []
    if not own and not change.extra and not lines.waiting(customer, subscription):
        return None
    now = store().now()
    return subscriptions.invoice_from(
        customer, subscription, [*own, *change.extra], reason="subscription_update", period=(now, now)
    )
