"""The way to Stripe's own page for a customer: payment method, billing address, tax number, invoices."""

from __future__ import annotations

import uuid
from typing import Any, Literal

import stripe

from accounts.models import User, Workspace
from accounts.roles import Deed
from accounts.services.access import access_workspace
from billing.payments.customers import customer_of, is_lost
from billing.payments.returns import check_return_url
from billing.payments.setup.portal import portal_configuration
from billing.payments.stripe_api import client, in_plain_words
from moondev.lib.errors import Conflict

NEVER_BOUGHT = "This workspace has not bought anything yet, so there is nothing to show. Choose a plan first."
Flow = Literal["", "payment_method_update"]


def start_portal(
    *, workspace: Workspace, actor: User | None, return_url: str, flow: Flow = "", idempotency_key: str = ""
) -> str:
    """The address of a page that the customer may open for a short time; `flow` leads straight to one deed.

    `actor` None: a key of the workspace, whose scope the caller has checked. Raises NotFound for a stranger, Forbidden
    for a member, Conflict for a workspace that never bought anything, Invalid at `/return_url`, Unavailable while
    Stripe is away.
    """
    if actor is not None:
        access_workspace(actor, workspace, Deed.BILLING)
    check_return_url("/return_url", return_url)
    customer = customer_of(workspace)
    if customer is None:
        raise Conflict(NEVER_BOUGHT)
    params: Any = {"customer": customer, "return_url": return_url, **_flow(flow, return_url)}
    options: Any = {"idempotency_key": idempotency_key or f"portal-{uuid.uuid4()}"}
    with in_plain_words():
        if ours := portal_configuration():
            params["configuration"] = ours.id
        try:
            return client().v1.billing_portal.sessions.create(params, options).url
        except stripe.InvalidRequestError as error:
            if not is_lost(customer, error):
                raise
            raise Conflict(NEVER_BOUGHT) from error


def _flow(flow: Flow, return_url: str) -> dict[str, Any]:
    if not flow:
        return {}
    after = {"type": "redirect", "redirect": {"return_url": return_url}}
    return {"flow_data": {"type": flow, "after_completion": after}}
