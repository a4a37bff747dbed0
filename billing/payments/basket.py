"""What a subscription holds at Stripe, what it shall hold instead, and the call that makes the difference."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from billing.models import AddOn
from billing.payments.for_sale import plan_for_sale, price_of
from billing.payments.prices import PriceList
from billing.payments.reading import Object, interval_of, quantity_of
from billing.payments.stripe_api import client
from moondev.lib.errors import Conflict


@dataclass(frozen=True, slots=True)
class Goal:
    """A plan and how many of it, the interval at which all is billed, and how many of each recurring pack."""

    plan: str
    interval: str
    quantity: int
    packs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as it shall be; `item` is "" for a new one."""

    item: str
    price: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Basket:
    """The items of a subscription by what they sell. `others` sell nothing of ours and are left alone."""

    found: Object
    goal: Goal
    plan_item: Object
    packs: Mapping[str, Object]
    others: tuple[Object, ...]

    @property
    def id(self) -> str:
        return str(self.found["id"])

    @property
    def items(self) -> tuple[Object, ...]:
        return (self.plan_item, *self.packs.values(), *self.others)

    @property
    def period_end(self) -> int:
        """Epoch seconds. All items are billed together."""
        return int(self.plan_item["current_period_end"])

    @property
    def mark(self) -> str:
        """The same as long as the items are the same."""
        return _mark(_entry(item, quantity_of(item)) for item in self.items)


def retrieve(subscription_id: str) -> Object:
    """The subscription as Stripe has it at this moment, with its schedule. Raises what the client raises."""
    params: Any = {"expand": ["schedule"]}
    found: Object = client().v1.subscriptions.retrieve(subscription_id, params).to_dict()
    return found


def basket_of(found: Object) -> Basket:
    """What a subscription holds. Raises Conflict when no plan is among it."""
    prices = PriceList.read()
    items = found["items"]["data"]
    plans = sorted(
        (item for item in items if prices.plan_of(item["price"])),
        key=lambda item: -prices.ranks[str(prices.plan_of(item["price"]))],
    )
    if not plans:
        raise Conflict("This subscription has a price that no plan has. We have been told and look into it.")
    packs = {name: item for item in items if (name := prices.add_on_of(item["price"]))}
    known = {plans[0]["id"], *(item["id"] for item in packs.values())}
    goal = Goal(
        plan=str(prices.plan_of(plans[0]["price"])),
        interval=interval_of(plans[0]["price"]),
        quantity=quantity_of(plans[0]),
        packs={name: quantity_of(item) for name, item in packs.items()},
    )
    return Basket(found, goal, plans[0], packs, tuple(item for item in items if item["id"] not in known))


def entries_of(basket: Basket, goal: Goal) -> list[Entry]:
    """Every item as a goal wants it. A price that stays is not looked up: it may be one that is no longer sold."""
    plan = _entry(basket.plan_item, goal.quantity)
    if (goal.plan, goal.interval) != (basket.goal.plan, basket.goal.interval):
        plan = Entry(plan.item, plan_for_sale(goal.plan, goal.interval)[1], goal.quantity)
    packs = [_pack(basket, goal, name, quantity) for name, quantity in goal.packs.items() if quantity]
    if basket.others and goal.interval != basket.goal.interval:
        raise Conflict("This subscription has an item of its own kind. Ask us to change its interval.")
    return [plan, *packs, *(_entry(item, quantity_of(item)) for item in basket.others)]


def changes_of(basket: Basket, goal: Goal) -> list[dict[str, Any]]:
    """What `items` of an update has to say; items that stay as they are are not named."""
    wanted = entries_of(basket, goal)
    held = {item["id"]: _entry(item, quantity_of(item)) for item in basket.items}
    gone = set(held) - {entry.item for entry in wanted}
    changed = [entry for entry in wanted if entry != held.get(entry.item)]
    return [*(_update(entry, held.get(entry.item)) for entry in changed), *({"id": i, "deleted": True} for i in gone)]


def mark_of(basket: Basket, goal: Goal) -> str:
    """The same as long as a goal means the same items at the same prices. Raises Conflict for what is not sold."""
    return _mark(entries_of(basket, goal))


def _mark(entries: Iterable[Entry]) -> str:
    rows = sorted([entry.item, entry.price, entry.quantity] for entry in entries)
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


def _pack(basket: Basket, goal: Goal, name: str, quantity: int) -> Entry:
    item = basket.packs.get(name)
    if item is not None and goal.interval == basket.goal.interval:
        return _entry(item, quantity)
    price = price_of(AddOn.objects.get(name=name), goal.interval)
    return Entry(str(item["id"]) if item else "", price, quantity)


def _entry(item: Object, quantity: int) -> Entry:
    return Entry(str(item["id"]), str(item["price"]["id"]), quantity)


def _update(entry: Entry, held: Entry | None) -> dict[str, Any]:
    """A change of quantity does not name the price again."""
    named = {} if held and held.price == entry.price else {"price": entry.price}
    return {**({"id": entry.item} if entry.item else {}), **named, "quantity": entry.quantity}
