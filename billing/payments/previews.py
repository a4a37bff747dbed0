"""What a change would cost, asked of Stripe, and the token by which exactly this is confirmed."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from django.core import signing
from django.utils import timezone

from billing.payments.basket import Basket, Goal, changes_of, mark_of
from billing.payments.reading import Object
from billing.payments.stripe_api import client
from moondev.lib.errors import Conflict

SALT = "billing.previews"
# Seconds. Prices and the rest of the period are those of the preview until then.
GOOD_FOR = 1800


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what would be paid; a refund of unused time is negative."""

    text: str
    cents: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would cost and when it holds. Money in US cents.

    `lines` and `tax_cents` less `credit_cents`, which the customer has from before, add up to `due_now_cents`; where
    that would be less than nothing, `credit_left_cents` is taken off later payments. Nothing is due now for a
    downgrade, which holds from `at` on, the end of what is paid for. `next_cents`, taxes and discounts included, is due
    at `next_at` and then every interval. `token` goes into the form that confirms the change; it is good for half an
    hour and for this change alone, at these prices.
    """

    lines: tuple[Line, ...]
    tax_cents: int
    due_now_cents: int
    next_cents: int
    next_at: datetime | None
    at: datetime
    is_downgrade: bool
    token: str
    credit_cents: int = 0
    credit_left_cents: int = 0


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a token says: `mark` of the items at that time and `wanted` of the items as they shall be, prices included,
    `prorated_at` the second from which unused time counts."""

    subscription: str
    goal: Goal
    mark: str
    wanted: str
    prorated_at: int | None
    is_downgrade: bool


def preview_now(basket: Basket, goal: Goal) -> Preview:
    """The preview of a change that holds at once. Raises what the client raises."""
    bill = _bill(basket, goal)
    lines = bill["lines"]["data"] if bill else []
    used, left = _credit(bill) if bill else (0, 0)
    at = min((line["period"]["start"] for line in lines if _is_prorated(line)), default=None)
    turned = [line["period"]["end"] for line in lines if not _is_prorated(line)]
    return Preview(
        lines=tuple(_lines(bill)) if bill else (),
        tax_cents=_sum_of(bill, "total_taxes") if bill else 0,
        due_now_cents=int(bill["amount_due"]) if bill else 0,
        next_cents=_recurring(basket, goal),
        next_at=_moment(max(turned, default=basket.period_end)),
        at=_moment(at) if at else timezone.now(),
        is_downgrade=False,
        token=_token(basket, goal, prorated_at=at, is_downgrade=False),
        credit_cents=used,
        credit_left_cents=left,
    )


def preview_later(basket: Basket, goal: Goal) -> Preview:
    """The preview of a change at the end of the period. Raises what the client raises."""
    end = _moment(basket.period_end)
    return Preview(
        lines=(),
        tax_cents=0,
        due_now_cents=0,
        next_cents=_recurring(basket, goal),
        next_at=end,
        at=end,
        is_downgrade=True,
        token=_token(basket, goal, prorated_at=None, is_downgrade=True),
    )


def confirmed(token: str) -> Confirmed:
    """What somebody has seen and confirms. Raises Conflict for a token that is too old or none of ours."""
    try:
        said = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature as error:
        raise Conflict("What you saw is half an hour old. Look at the costs again, then confirm.") from error
    # Tokens of a version before this one do not know the prices that were seen.
    return Confirmed(
        said["subscription"],
        Goal(**said["goal"]),
        said["mark"],
        said.get("wanted", ""),
        said["prorated_at"],
        said["is_downgrade"],
    )


def _token(basket: Basket, goal: Goal, *, prorated_at: int | None, is_downgrade: bool) -> str:
    said = {
        "subscription": basket.id,
        "goal": asdict(goal) | {"packs": dict(goal.packs)},
        "mark": basket.mark,
        "wanted": mark_of(basket, goal),
        "prorated_at": prorated_at,
        "is_downgrade": is_downgrade,
        # Two previews of one change are two deeds: Stripe answers a repeated key with the first result.
        "nonce": secrets.token_hex(8),
    }
    return signing.dumps(said, salt=SALT)


def _bill(basket: Basket, goal: Goal) -> Object | None:
    """The invoice that the change makes at once; a subscription on trial owes nothing yet."""
    if basket.found["status"] == "trialing":
        return None
    return _preview(basket, items=changes_of(basket, goal), proration_behavior="always_invoice")


def _recurring(basket: Basket, goal: Goal) -> int:
    """What every later period costs."""
    bill = _preview(basket, "recurring", items=changes_of(basket, goal), proration_behavior="none")
    return int(bill["total"])


def _preview(basket: Basket, mode: str = "next", **details: Any) -> Object:
    params: Any = {"subscription": basket.id, "subscription_details": details, "preview_mode": mode}
    found: Object = client().v1.invoices.create_preview(params).to_dict()
    return found


def _is_prorated(line: Object) -> bool:
    """Whether a line is about a part of a period."""
    parent = line["parent"] or {}
    details = parent.get("invoice_item_details") or parent.get("subscription_item_details") or {}
    return bool(details.get("proration"))


def _lines(bill: Object) -> Iterator[Line]:
    """What is charged and credited, and what coupons take off it."""
    for line in bill["lines"]["data"]:
        yield Line(str(line["description"]), int(line["amount"]))
    if off := _sum_of(bill, "total_discount_amounts"):
        yield Line("Discount", -off)


def _credit(bill: Object) -> tuple[int, int]:
    """What an invoice uses of the customer's credit, a negative balance at Stripe, and what there is after it."""
    had, total = max(0, -int(bill["starting_balance"])), int(bill["total"])
    return min(had, max(0, total)), max(0, had - total)


def _sum_of(bill: Object, name: str) -> int:
    found: Iterable[Object] = bill.get(name) or ()
    return sum(int(each["amount"]) for each in found)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
