"""Invoices: the list, and each one as Stripe prints it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.portal.pages import Needs, Page, show, workspace_of
from accounts.roles import Deed
from billing.payments.invoices import fresh_invoice, invoices_of
from billing.portal.leaving import back_to


def invoices(request: HttpRequest) -> HttpResponse:
    """A page of the workspace's invoices, newest first. A closed workspace still has them."""
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1
    return show(
        request,
        "portal/billing/invoices.html",
        "Invoices",
        found=invoices_of(workspace_of(request), max(1, number)),
    )


@back_to("invoices")
def invoice(request: HttpRequest, invoice_id: str) -> HttpResponse:
    """To one invoice as a PDF, or as a page on which it can be paid while it is due. 404 for a stranger's."""
    row = fresh_invoice(workspace=workspace_of(request), invoice_id=invoice_id)
    target = row.hosted_url if row.is_due else row.pdf_url
    return redirect(target or row.pdf_url or row.hosted_url or "portal:invoices")


PAGES = (
    Page("plans/invoices/", "invoices", invoices, needs=Needs.WORKSPACE, back="plans", deed=Deed.BILLING),
    Page("plans/invoices/<slug:invoice_id>/", "invoice", invoice, needs=Needs.WORKSPACE, deed=Deed.BILLING),
)
