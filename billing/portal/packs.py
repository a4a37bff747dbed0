"""Packs on the Plans page: what is sold, what the workspace has, how many it shall have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.models import Workspace
from accounts.portal.pages import DEED, FORM, Page, person, show, workspace_of
from accounts.roles import Deed
from billing.models import AddOn, Boost, Plan, Subscription
from billing.models.addon import MONTHS_OF_A_YEARLY_PRICE
from billing.payments import orders
from billing.payments.checkout import Order
from billing.portal.facts import days
from billing.portal.leaving import back_to, check_out
from moondev.lib.errors import Invalid

MOST = 100


@dataclass(frozen=True, slots=True)
class Pack:
    """An add-on, its price in US cents, and how many the workspace has.

    `interval` is "" for one that is paid once, and `until` when the first of those that are had is over; history holds
    until the last of them is. `is_included`: the plan has as much by itself.
    """

    add_on: AddOn
    interval: str
    cents: int
    is_sold: bool
    owned: int
    until: datetime | None
    is_included: bool

    @property
    def holds(self) -> str:
        """For how long a pack that is paid once holds; "" for ever."""
        return days(self.add_on.valid_days) if self.add_on.valid_days else ""


def packs_of(workspace: Workspace, interval: str, plan: Plan) -> list[Pack]:
    """Every pack that is sold with plans of an interval or that the workspace has; `plan` is the one in force."""
    boosts = list(Boost.objects.for_workspace(workspace).of_this_mode().not_over())
    rows = AddOn.objects.order_by("-is_recurring", "raises", "amount")
    packs = [_pack(add_on, interval, plan, [row for row in boosts if row.add_on_id == add_on.pk]) for add_on in rows]
    return [pack for pack in packs if pack.is_sold or pack.owned]


def _pack(add_on: AddOn, interval: str, plan: Plan, boosts: list[Boost]) -> Pack:
    is_history = add_on.raises == AddOn.Raises.HISTORY
    ends = [row.ends_at for row in boosts if row.ends_at is not None]
    by_year = add_on.is_recurring and interval == Subscription.Interval.YEAR
    price_id = add_on.price_id_year if by_year else add_on.price_id
    return Pack(
        add_on=add_on,
        interval=interval if add_on.is_recurring else "",
        cents=add_on.price_cents * (MONTHS_OF_A_YEARLY_PRICE if by_year else 1),
        is_sold=add_on.is_on_sale and bool(price_id),
        owned=sum(row.quantity for row in boosts),
        until=(max if is_history else min)(ends, default=None),
        is_included=is_history and (plan.history_days is None or plan.history_days >= add_on.amount),
    )


def buy(request: HttpRequest) -> HttpResponse:
    """To Stripe's page on which packs are paid once."""
    add_on, quantity = request.POST.get("add_on", "")[:40], _number(request.POST.get("quantity", "1"))
    return check_out(request, Order(add_on=add_on, quantity=quantity), what=add_on)


@back_to("plans")
def change(request: HttpRequest) -> HttpResponse:
    """What another number of monthly packs costs, and the button that makes it so."""
    workspace, actor = workspace_of(request), person(request)
    if request.method == "POST":
        orders.set_packs(workspace=workspace, actor=actor, token=request.POST.get("token", ""))
        messages.success(request, "Your packs are changed. The new number holds at once.")
        return redirect("portal:plans")
    add_on, quantity = _asked(request), _number(request.GET.get("quantity", ""))
    row = orders.subscription_of(workspace)
    return show(
        request,
        "portal/billing/packs.html",
        add_on.title,
        add_on=add_on,
        quantity=quantity,
        every=row.interval if row else "",
        preview=orders.preview_packs(workspace=workspace, actor=actor, add_on=add_on.name, quantity=quantity),
    )


def _asked(request: HttpRequest) -> AddOn:
    name = request.GET.get("add_on", "")[:40]
    if not name:
        raise Invalid.field("/add_on", "Choose a pack.")
    found: AddOn = get_object_or_404(AddOn, name=name)
    return found


def _number(text: str) -> int:
    """How many packs a form asks for. Raises Invalid."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and int(text) <= MOST):
        raise Invalid.field("/quantity", f"Choose a number of packs from 0 to {MOST}.")
    return int(text)


PAGES = (
    Page("plans/packs/", "packs", change, FORM, back="plans", deed=Deed.BILLING),
    Page("plans/packs/buy/", "pack-buy", buy, DEED, back="plans", deed=Deed.BILLING),
)
