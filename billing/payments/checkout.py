"""Buying by Stripe's own page: a plan for a workspace without one, a pack that is paid once, or a plan without account."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User, Workspace
from billing.models import Subscription


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be bought: a plan by the month or the year, or packs of an add-on that is paid once. Not both."""

    plan: str = ""
    interval: str = Subscription.Interval.MONTH
    add_on: str = ""
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Session:
    """A page of Stripe's on which to pay, and its id."""

    id: str
    url: str


def start_checkout(
    *,
    order: Order,
    workspace: Workspace | None,
    actor: User | None,
    email: str = "",
    success_url: str,
    cancel_url: str,
    idempotency_key: str,
) -> Session:
    """Make the page on which somebody pays. `workspace` None: a buyer without an account, to whom a link is mailed later.

    `actor` None: a key of the workspace, whose scope the caller has checked. `success_url` may hold Stripe's own
    `{CHECKOUT_SESSION_ID}`. The same `idempotency_key` gives the same page.

    Raises Invalid at `/plan`, `/interval`, `/add_on`, `/quantity`, `/email`, `/success_url` or `/cancel_url`, Forbidden
    for a member, Conflict while the workspace has a live subscription (change that) or is closed, Unavailable while
    Stripe is away.
    """
    raise NotImplementedError
