"""Changing what a workspace subscribes to: upgrade, downgrade, cancel, resume and packs. Owners and admins may.

Whoever changes a plan or packs first sees a preview, and confirms exactly that by its token.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User, Workspace
from billing.models import Subscription


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what would be paid; a refund of unused time is negative."""

    text: str
    cents: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would cost and when it holds. Money in US cents, taxes and discounts included.

    `lines` add up to `due_now_cents` but for taxes, discounts and credit. Nothing is due now for a downgrade, which
    holds from `at` on, the end of what is paid for. `next_cents` is what is due at `next_at` and then every interval.
    `token` goes into the form that confirms the change; it is good for half an hour and for this change alone.
    """

    lines: tuple[Line, ...]
    tax_cents: int
    due_now_cents: int
    next_cents: int
    next_at: datetime | None
    at: datetime
    is_downgrade: bool
    token: str


def subscription_of(workspace: Workspace) -> Subscription | None:
    """The workspace's live subscription, which every change here is about; None for a workspace that has to buy."""
    raise NotImplementedError


def preview_change(
    *, workspace: Workspace, actor: User, plan: str, interval: str, quantity: int | None = None
) -> Preview:
    """What moving to a plan would cost. `quantity` None: as many as now.

    Raises NotFound for a stranger, Forbidden for a member, Invalid at `/plan`, `/interval` or `/quantity`, Conflict
    without a live subscription, for the plan that the workspace has, or while it is late, suspended or being cancelled,
    Unavailable while Stripe is away.
    """
    raise NotImplementedError


def change_plan(*, workspace: Workspace, actor: User, token: str) -> Subscription:
    """Do what a preview showed. An upgrade is paid and holds at once; a downgrade waits for the end of the period.

    Raises what `preview_change` does, Conflict when the payment is declined (the plan stays) or the preview is older
    than half an hour or no longer fits.
    """
    raise NotImplementedError


def cancel(*, workspace: Workspace, actor: User, nonce: str) -> Subscription:
    """End the subscription when the paid time is over; the plan is kept until then. A scheduled downgrade is dropped.

    Cancelling twice changes nothing. `nonce`: random, from the form, at most 64 characters.
    """
    raise NotImplementedError


def resume(*, workspace: Workspace, actor: User, nonce: str) -> Subscription:
    """Undo a cancellation that has not happened yet. Raises Conflict when the subscription has ended."""
    raise NotImplementedError


def drop_downgrade(*, workspace: Workspace, actor: User, nonce: str) -> Subscription:
    """Keep the plan: the scheduled downgrade does not happen. Without one nothing changes."""
    raise NotImplementedError


def packs_of(workspace: Workspace) -> dict[str, int]:
    """How many of each recurring add-on the workspace's live subscription has, by the add-on's name."""
    raise NotImplementedError


def preview_packs(*, workspace: Workspace, actor: User, add_on: str, quantity: int) -> Preview:
    """What having `quantity` of a recurring add-on in all would cost; 0: none any more.

    Raises what `preview_change` does; Invalid at `/add_on` or `/quantity`.
    """
    raise NotImplementedError


def set_packs(*, workspace: Workspace, actor: User, token: str) -> Subscription:
    """Do what a preview of packs showed: paid and there at once. Fewer packs: their rest is credited."""
    raise NotImplementedError
