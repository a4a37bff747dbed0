"""A workspace's invoices, from dj-stripe's copies: they are there while Stripe is away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Workspace

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One invoice. `status` is Stripe's word: open, paid, void or uncollectible. Links are "" until it has them."""

    id: str
    number: str
    issued_at: datetime
    total_cents: int
    currency: str
    status: str
    hosted_url: str
    pdf_url: str


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """A page of invoices, newest first; the first page is 1."""

    rows: tuple[InvoiceRow, ...]
    page: int
    pages: int
    count: int


def invoices_of(workspace: Workspace, page: int = 1) -> InvoicePage:
    """The workspace's invoices but drafts. A page beyond the last one is the last one."""
    raise NotImplementedError


def fresh_invoice(*, workspace: Workspace, invoice_id: str) -> InvoiceRow:
    """One invoice as Stripe has it now: its links stop working after some weeks, so a download starts here.

    Raises NotFound for another workspace's invoice, Unavailable while Stripe is away.
    """
    raise NotImplementedError
