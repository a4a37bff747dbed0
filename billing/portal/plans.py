"""The Plans page: what there is, what the workspace has, and the way to Stripe's pages for paying."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.portal.pages import DEED, Needs, Page, allowed, person, show, workspace_of
from accounts.roles import Deed
from billing import limits
from billing.models import Subscription
from billing.payments import customer_portal, invoices
from billing.payments.checkout import Order
from billing.portal import packs
from billing.portal.deals import deals
from billing.portal.leaving import absolute, back_to, check_out, leave_for, new_nonce
from billing.portal.situation import Situation, situation_of

Interval = Subscription.Interval
INTERVALS = ((Interval.MONTH, "Monthly"), (Interval.YEAR, "Yearly"))


def plans(request: HttpRequest) -> HttpResponse:
    """All plans at the chosen interval, the subscription's state, the packs."""
    workspace = workspace_of(request)
    situation, standing = situation_of(workspace), limits.standing_of(workspace.pk)
    interval = _interval(request, situation)
    found = deals(
        interval=interval,
        current=standing.terms.plan,
        situation=situation,
        may_bill=allowed(request, Deed.BILLING),
        had_trial=situation.subscription is not None,
    )
    in_force = next(deal.plan for deal in found if deal.is_current)
    return show(
        request,
        "portal/billing/plans.html",
        "Plans",
        situation=situation,
        standing=standing,
        in_force=in_force,
        deals=found,
        interval=interval,
        intervals=INTERVALS,
        packs=packs.packs_of(workspace, _interval_paid(situation) or interval, in_force),
        went_back="cancelled" in request.GET,
        nonce=new_nonce(),
    )


def buy(request: HttpRequest) -> HttpResponse:
    """To Stripe's page on which a plan is paid."""
    plan, interval = request.POST.get("plan", "")[:20], request.POST.get("interval", "")[:5]
    return check_out(request, Order(plan=plan, interval=interval), what=plan)


def payment_method(request: HttpRequest) -> HttpResponse:
    """To Stripe's page for the payment method, the billing address and the tax number."""
    url = customer_portal.start_portal(
        workspace=workspace_of(request), actor=person(request), return_url=absolute("plans")
    )
    return leave_for(request, url)


@back_to("plans")
def pay(request: HttpRequest) -> HttpResponse:
    """To Stripe's page of the invoice that is due; without one there is nothing to pay, which the Plans page shows."""
    workspace = workspace_of(request)
    due = next((row for row in invoices.invoices_of(workspace).rows if row.is_due), None)
    if due is None:
        return redirect("portal:plans")
    fresh = invoices.fresh_invoice(workspace=workspace, invoice_id=due.id)
    return redirect(fresh.hosted_url or "portal:invoices")


def _interval(request: HttpRequest, situation: Situation) -> str:
    """The interval that was asked for, else the subscription's, else monthly."""
    asked = request.GET.get("interval", "")
    if asked in Interval:
        return asked
    row = situation.subscription
    return row.interval if row is not None and row.interval else Interval.MONTH


def _interval_paid(situation: Situation) -> str:
    """The interval that packs are billed with; "" while nothing is subscribed to."""
    row = situation.subscription
    return row.interval if row is not None and situation.is_live else ""


PAGES = (
    Page("plans/", "plans", plans),
    Page("plans/buy/", "plan-buy", buy, DEED, back="plans", deed=Deed.BILLING),
    Page("plans/pay/", "plan-pay", pay, needs=Needs.WORKSPACE, back="plans", deed=Deed.BILLING),
    Page("plans/payment/", "payment-method", payment_method, DEED, Needs.WORKSPACE, back="plans", deed=Deed.BILLING),
)
