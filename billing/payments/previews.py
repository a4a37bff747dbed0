"""What a change would cost, asked of Stripe, and the token by which exactly this is confirmed."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from django.core import signing
from django.utils import timezone

from billing.payments.basket import Basket, Goal, changes_of
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

    `lines` and `tax_cents` add up to `due_now_cents` but for discounts and credit. Nothing is due now for a downgrade,
    which holds from `at` on, the end of what is paid for. `next_cents`, taxes and discounts included, is due at
    `next_at` and then every interval. `token` goes into the form that confirms the change; it is good for half an hour
    and for this change alone.
    """

    lines: tuple[Line, ...]
    tax_cents: int
    due_now_cents: int
    next_cents: int
    next_at: datetime | None
    at: datetime
    is_downgrade: bool
    token: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a token says: `mark` of the items at that time, `prorated_at` the second from which unused time counts."""

    subscription: str
    goal: Goal
    mark: str
    prorated_at: int | None
    is_downgrade: bool


def preview_now(basket: Basket, goal: Goal) -> Preview:
    """The preview of a change that holds at once. Raises what the client raises."""
    bill = _bill(basket, goal)
    lines = bill["lines"]["data"] if bill else []
    at = min((line["period"]["start"] for line in lines if _is_prorated(line)), default=None)
    turned = [line["period"]["end"] for line in lines if not _is_prorated(line)]
    return Preview(
        lines=tuple(Line(str(line["description"]), int(line["amount"])) for line in lines),
        tax_cents=_taxes(bill) if bill else 0,
        due_now_cents=int(bill["amount_due"]) if bill else 0,
        next_cents=_recurring(basket, goal),
        next_at=_moment(max(turned, default=basket.period_end)),
        at=_moment(at) if at else timezone.now(),
        is_downgrade=False,
        token=_token(basket, goal, prorated_at=at, is_downgrade=False),
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
    return Confirmed(
        said["subscription"], Goal(**said["goal"]), said["mark"], said["prorated_at"], said["is_downgrade"]
    )


def _token(basket: Basket, goal: Goal, *, prorated_at: int | None, is_downgrade: bool) -> str:
    said = {
        "subscription": basket.id,
        "goal": asdict(goal) | {"packs": dict(goal.packs)},
        "mark": basket.mark,
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


def _taxes(bill: Object) -> int:
    found: Iterable[Object] = bill.get("total_taxes") or ()
    return sum(int(tax["amount"]) for tax in found)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
