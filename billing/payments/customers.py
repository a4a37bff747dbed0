"""A workspace's customers in Stripe. They are found by the workspace alone: an e-mail address never selects one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

import stripe

from accounts.models import Member, Role, Workspace
from billing.models import Customer, Subscription
from billing.payments.marks import marks_of
from billing.payments.stripe_api import MISSING, client

Made = TypeVar("Made")


def customer_of(workspace: Workspace) -> str | None:
    """The id of the customer as which a workspace pays, if it ever bought something."""
    row: Customer | None = Customer.objects.for_workspace(workspace).current().first()
    return row.pk if row else None


def customers_of(workspace: Workspace) -> set[str]:
    """The ids of every customer that a workspace is or was."""
    subscribed = Subscription.objects.for_workspace(workspace).values_list("customer_id", flat=True)
    return {*subscribed, *Customer.objects.for_workspace(workspace).values_list("pk", flat=True)}


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
    return keep_customer(workspace, made.id)


def as_customer(workspace: Workspace, call: Callable[[str], Made], *, email: str = "") -> Made:
    """What `call` makes for the workspace's customer, or for a new one where Stripe has lost the one that it was."""
    known = ensure_customer(workspace, email=email)
    try:
        return call(known)
    except stripe.InvalidRequestError as error:
        if not is_lost(known, error):
            raise
    return call(ensure_customer(workspace, email=email))


def is_lost(customer_id: str, error: stripe.InvalidRequestError) -> bool:
    """Whether a call failed because Stripe has no such customer, as of one deleted there; then we let go of it too.

    Never of one that pays for something here: with another account's key Stripe knows none of ours.
    """
    is_missing = error.code == MISSING and error.param == "customer"
    if not is_missing or Subscription.objects.live().filter(customer_id=customer_id).exists():
        return False
    let_go(customer_id)
    return True


def let_go(customer_id: str) -> None:
    """Nobody pays as this customer any more. It is kept: invoices are its, and erasing has to find it."""
    Customer.objects.filter(pk=customer_id).update(is_current=False)


def keep_customer(workspace: Workspace, customer_id: str) -> str:
    """The id of the workspace's customer: the one that it has, else this one from now on."""
    row, _ = Customer.objects.get_or_create(workspace=workspace, is_current=True, defaults={"id": customer_id})
    return str(row.pk)


def note_payer(row: Subscription) -> None:
    """See that the customer who pays a subscription is known, as its workspace's own where that has no other.

    One that was let go of comes back with something that it pays for, not with what has ended.
    """
    if row.workspace is None:
        return
    values = {"workspace": row.workspace, "is_current": False}
    customer, is_new = Customer.objects.get_or_create(pk=row.customer_id, defaults=values)
    own = Customer.objects.for_workspace(row.workspace)
    if (is_new or row.is_live) and customer.workspace_id == row.workspace_id and not own.current().exists():
        own.filter(pk=customer.pk).update(is_current=True)


def change_customer(workspace: Workspace, customer_id: str) -> None:
    """Let the workspace pay as this customer from now on; what earlier ones paid stays its own.

    In a transaction in which the workspace is locked.
    """
    row, _ = Customer.objects.get_or_create(pk=customer_id, defaults={"workspace": workspace, "is_current": False})
    # One that is another workspace's stays there, with its invoices.
    if row.workspace_id == workspace.pk:
        own = Customer.objects.for_workspace(workspace)
        own.exclude(pk=row.pk).update(is_current=False)
        own.filter(pk=row.pk).update(is_current=True)


def _owners_address(workspace: Workspace) -> str:
    owner = Member.objects.filter(workspace=workspace, role=Role.OWNER).select_related("user").first()
    return owner.user.email if owner else ""


def _key(workspace: Workspace, address: str) -> str:
    """A customer that was let go of is not made again: under a key that it knows Stripe would answer with that one."""
    earlier = sorted(Customer.objects.for_workspace(workspace).values_list("pk", flat=True))
    values = hashlib.sha256("\n".join([address, workspace.name, *earlier]).encode()).hexdigest()
    return f"customer-{workspace.pk}-{values}"
