"""The way to Stripe's own page for a customer: payment method, billing address, tax number, invoices."""

from __future__ import annotations

from typing import Literal

from accounts.models import User, Workspace

Flow = Literal["", "payment_method_update"]


def start_portal(*, workspace: Workspace, actor: User | None, return_url: str, flow: Flow = "") -> str:
    """The address of a page that the customer may open for a short time; `flow` leads straight to one deed.

    `actor` None: a key of the workspace, whose scope the caller has checked. Raises NotFound for a stranger, Forbidden
    for a member, Conflict for a workspace that never bought anything, Invalid at `/return_url`, Unavailable while Stripe
    is away.
    """
    raise NotImplementedError
