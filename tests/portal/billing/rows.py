"""Rows as payment leaves them behind, for pages that only show them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from djstripe.models import Customer as CustomerCopy
from djstripe.models import Invoice as InvoiceCopy

from accounts.models import Workspace
from billing.models import Boost, Customer, Entitlement, Plan, Subscription


def soon(days: float) -> datetime:
    return timezone.now() + timedelta(days=days)


def put_on_sale() -> None:
    """Give every paid plan a price in Stripe."""
    for plan in Plan.objects.exclude(name="free"):
        Plan.objects.filter(pk=plan.pk).update(
            price_id_month=f"price_{plan.name}_m", price_id_year=f"price_{plan.name}_y"
        )


def subscribe(workspace: Workspace, plan: str | None = "pro", **values: Any) -> Subscription:
    """A subscription, paid and running unless the values say otherwise, and the right to its plan if it gives one."""
    row = {
        "id": f"sub_{workspace.pk}_{Subscription.objects.count()}",
        "workspace": workspace,
        "customer_id": f"cus_{workspace.pk}",
        "status": "active",
        "plan_id": plan,
        "interval": "month",
        "monthly_cents": 4900,
        "started_at": soon(-10),
        "current_period_end": soon(20),
    }
    made = Subscription.objects.create(**{**row, **values})
    if made.grants() and plan:
        Entitlement.objects.create(
            workspace=workspace,
            plan_id=plan,
            source=Entitlement.Source.STRIPE,
            subscription=made,
            reason="paid",
            starts_at=soon(-10),
            ends_at=made.grace_ends_at,
        )
    return made


def pay_once(workspace: Workspace, add_on: str, **values: Any) -> Boost:
    """A pack that was paid once, just now."""
    row = {"workspace": workspace, "add_on_id": add_on, "payment_id": f"pi_{workspace.pk}_{Boost.objects.count()}"}
    return Boost.objects.create(**{**row, **values})


def invoice_row(workspace: Workspace, number: int = 1, **values: Any) -> str:
    """A paid invoice of a workspace as dj-stripe keeps it; returns its id."""
    customer = f"cus_{workspace.pk}"
    Customer.objects.get_or_create(id=customer, defaults={"workspace": workspace})
    CustomerCopy.objects.get_or_create(id=customer, defaults={"livemode": False, "email": "", "stripe_data": {}})
    issued = soon(-number)
    data = {
        "id": f"in_{workspace.pk}_{number}",
        "object": "invoice",
        "customer": customer,
        "number": f"MOON-{number:04}",
        "created": int(issued.timestamp()),
        "currency": "usd",
        "total": 4900,
        "status": "paid",
        "hosted_invoice_url": "https://invoice.example/i",
        "invoice_pdf": "https://invoice.example/i.pdf",
        **values,
    }
    InvoiceCopy.objects.create(id=data["id"], customer_id=customer, livemode=False, created=issued, stripe_data=data)
    return str(data["id"])
