"""A workspace's invoices, from dj-stripe's copies: they are there while Stripe is away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import stripe
from django.conf import settings
from django.core.paginator import Paginator
from djstripe.models import Invoice

from accounts.models import Workspace
from billing.models import Subscription
from billing.payments.customers import customers_of
from billing.payments.reading import Object, id_of, subscription_of_invoice
from billing.payments.stripe_api import MISSING, client, in_plain_words
from moondev.lib.errors import NotFound

PER_PAGE = 20
INVOICE = re.compile(r"in_[A-Za-z0-9_]{1,100}")
DRAFT, OPEN = "draft", "open"


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One invoice. `status` is Stripe's word: open, paid, void or uncollectible. Links are "" until it has them.

    `is_due`: it is to be paid still. The open invoice of a subscription that has ended is not: paying it would bring
    nothing back.
    """

    id: str
    number: str
    issued_at: datetime
    total_cents: int
    currency: str
    status: str
    hosted_url: str
    pdf_url: str
    is_due: bool


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """A page of invoices, newest first; the first page is 1."""

    rows: tuple[InvoiceRow, ...]
    page: int
    pages: int
    count: int


def invoices_of(workspace: Workspace, page: int = 1) -> InvoicePage:
    """The workspace's invoices but drafts and those of the other mode. A page beyond the last one is the last one."""
    own = Invoice.objects.filter(customer__id__in=customers_of(workspace), livemode=settings.STRIPE_LIVE_MODE)
    rows = own.exclude(stripe_data__status=DRAFT)
    found = Paginator(rows.order_by("-created", "-djstripe_id"), PER_PAGE).get_page(page)
    ended = _ended(workspace)
    shown = tuple(_row(row.stripe_data, ended) for row in found)
    return InvoicePage(shown, found.number, found.paginator.num_pages, found.paginator.count)


def fresh_invoice(*, workspace: Workspace, invoice_id: str) -> InvoiceRow:
    """One invoice as Stripe has it now: its links stop working after some weeks, so a download starts here.

    Raises NotFound for another workspace's invoice, Unavailable while Stripe is away.
    """
    customers = customers_of(workspace)
    if not customers or not INVOICE.fullmatch(invoice_id):
        raise _not_found()
    with in_plain_words():
        found = _retrieve(invoice_id)
    if found is None or found["status"] == DRAFT or id_of(found["customer"]) not in customers:
        raise _not_found()
    return _row(found, _ended(workspace))


def _retrieve(invoice_id: str) -> Object | None:
    try:
        found: Object = client().v1.invoices.retrieve(invoice_id).to_dict()
    except stripe.InvalidRequestError as error:
        if error.code != MISSING:
            raise
        return None
    return found


def _not_found() -> NotFound:
    return NotFound("There is no such invoice among yours.")


def _ended(workspace: Workspace) -> set[str]:
    rows = Subscription.objects.for_workspace(workspace).filter(status__in=Subscription.ENDED)
    return set(rows.values_list("pk", flat=True))


def _row(found: Object, ended: set[str]) -> InvoiceRow:
    return InvoiceRow(
        id=found["id"],
        number=found.get("number") or "",
        issued_at=datetime.fromtimestamp(found["created"], UTC),
        total_cents=found["total"],
        currency=found["currency"],
        status=found["status"] or "",
        hosted_url=found.get("hosted_invoice_url") or "",
        pdf_url=found.get("invoice_pdf") or "",
        is_due=found["status"] == OPEN and subscription_of_invoice(found) not in ended,
    )
