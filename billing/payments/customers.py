"""A workspace's customer in Stripe. It is found by the workspace alone: an e-mail address never selects one."""

from __future__ import annotations

import hashlib

from accounts.models import Member, Role, Workspace
from billing.models import Customer, Subscription
from billing.payments.marks import marks_of
from billing.payments.stripe_api import client


def customer_of(workspace: Workspace) -> str | None:
    """The id of the customer that a workspace has, if it ever bought something."""
    row: Customer | None = Customer.objects.for_workspace(workspace).first()
    return row.pk if row else None


def customers_of(workspace: Workspace) -> set[str]:
    """The ids of every customer as which a workspace has paid, earlier ones included."""
    earlier = Subscription.objects.for_workspace(workspace).values_list("customer_id", flat=True)
    now = Customer.objects.for_workspace(workspace).values_list("pk", flat=True)
    return {*earlier, *now}


def ensure_customer(workspace: Workspace, *, email: str = "") -> str:
    """The id of the workspace's customer, made when it has none; its letters go to `email`, else to the owner.

    Raises what Stripe raises. Two calls at once make one customer.
    """
    found = customer_of(workspace)
    if found is not None:
        return found
    address = email or _owners_address(workspace)
    made = client().v1.customers.create(
        params={"email": address, "name": workspace.name, "metadata": marks_of(workspace)},
        options={"idempotency_key": _key(workspace, address)},
    )
    # Whoever came first is kept: the other one, if there is another, never paid anything.
    row, _ = Customer.objects.get_or_create(workspace=workspace, defaults={"id": made.id})
    return str(row.pk)


def _owners_address(workspace: Workspace) -> str:
    owner = Member.objects.filter(workspace=workspace, role=Role.OWNER).select_related("user").first()
    return owner.user.email if owner else ""


def _key(workspace: Workspace, address: str) -> str:
    values = hashlib.sha256(f"{address}\n{workspace.name}".encode()).hexdigest()
    return f"customer-{workspace.pk}-{values}"
