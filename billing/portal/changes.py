"""Changing the subscription: what a move costs before it is made, cancelling, and taking either back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format

from accounts.portal.pages import DEED, FORM, Page, person, show, workspace_of
from accounts.roles import Deed
from billing.models import Plan, Subscription
from billing.payments import orders
from billing.portal.deals import price_of
from billing.portal.facts import differences
from billing.portal.leaving import back_to, new_nonce, nonce_of
from billing.portal.situation import situation_of
from billing.terms import FREE
from moondev.lib.errors import Conflict, Invalid


@back_to("plans")
def change(request: HttpRequest) -> HttpResponse:
    """What a move to another plan or interval costs and changes, and the button that makes it."""
    if request.method == "POST":
        return _confirm(request)
    workspace = workspace_of(request)
    plan, interval = _plan(request), request.GET.get("interval", "")[:5]
    preview = orders.preview_change(workspace=workspace, actor=person(request), plan=plan.name, interval=interval)
    row = _live(request)
    return show(
        request,
        "portal/billing/change.html",
        f"Switch to {interval}ly billing" if row.plan_id == plan.pk else f"Move to {plan.title}",
        plan=plan,
        interval=interval,
        preview=preview,
        has_more=preview.next_cents != price_of(plan, interval),
        subscription=row,
        differences=differences(row.plan.terms(), plan.terms()) if row.plan else [],
    )


def _confirm(request: HttpRequest) -> HttpResponse:
    token = request.POST.get("token", "")
    row = orders.change_plan(workspace=workspace_of(request), actor=person(request), token=token)
    if row.next_plan is not None and row.next_at is not None:
        day = date_format(timezone.localtime(row.next_at), "j M Y")
        messages.success(request, f"You keep what you have until {day}. Then {row.next_plan} follows.")
    else:
        messages.success(request, f"You are on {row.plan} now. The new limits hold at once.")
    return redirect("portal:plans")


@back_to("plans")
def cancel(request: HttpRequest) -> HttpResponse:
    """End the subscription when the paid time is over, after a look at what that means."""
    row = _live(request)
    if request.method == "POST":
        return _cancel(request)
    situation = situation_of(workspace_of(request))
    if not situation.can_cancel:
        raise Conflict("The subscription is cancelled already.")
    free = Plan.objects.get(name=FREE)
    return show(
        request,
        "portal/billing/cancel.html",
        "Cancel the subscription",
        subscription=row,
        situation=situation,
        differences=differences(row.plan.terms(), free.terms()) if row.plan else [],
        nonce=new_nonce(),
    )


def _cancel(request: HttpRequest) -> HttpResponse:
    workspace = workspace_of(request)
    orders.cancel(workspace=workspace, actor=person(request), nonce=nonce_of(request))
    owed = situation_of(workspace).is_indebted
    rest = "The open invoice stays due, and may be charged until it ends." if owed else "Nothing more will be charged."
    messages.success(request, f"The subscription is cancelled. {rest}")
    return redirect("portal:plans")


def resume(request: HttpRequest) -> HttpResponse:
    """Take a cancellation back."""
    orders.resume(workspace=workspace_of(request), actor=person(request), nonce=nonce_of(request))
    messages.success(request, "The subscription goes on as before.")
    return redirect("portal:plans")


def keep(request: HttpRequest) -> HttpResponse:
    """Take a scheduled downgrade back."""
    row = orders.drop_downgrade(workspace=workspace_of(request), actor=person(request), nonce=nonce_of(request))
    messages.success(request, f"You stay on {row.plan}.")
    return redirect("portal:plans")


def _plan(request: HttpRequest) -> Plan:
    found = Plan.objects.filter(name=request.GET.get("plan", "")[:20]).first()
    if found is None:
        raise Invalid.field("/plan", "Choose one of the plans.")
    return found


def _live(request: HttpRequest) -> Subscription:
    """The subscription that is to be changed. Raises Conflict where there is none."""
    row = orders.subscription_of(workspace_of(request))
    if row is None:
        raise Conflict("This workspace has no subscription. Choose a plan first.")
    return row


PAGES = (
    Page("plans/change/", "plan-change", change, FORM, back="plans", deed=Deed.BILLING),
    Page("plans/cancel/", "plan-cancel", cancel, FORM, back="plans", deed=Deed.BILLING),
    Page("plans/resume/", "plan-resume", resume, DEED, back="plans", deed=Deed.BILLING),
    Page("plans/keep/", "plan-keep", keep, DEED, back="plans", deed=Deed.BILLING),
)
