"""Add-ons as staff see them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter
from unfold.decorators import display

from accounts.staff.base import StaffAdmin, staff_of
from billing import services
from billing.models import AddOn
from billing.staff.plans import NOT_AT_STRIPE

ONE: dict[str, str] = {AddOn.Raises.ALERTS: "alert", AddOn.Raises.SEATS: "seat", AddOn.Raises.HISTORY: "day of history"}


class AddOnStaff(StaffAdmin):
    """Packs that raise a number of the plan. A saved amount holds in every process within a second."""

    list_display = ("title", "name", "adds", "price", "sold", "valid_days", "is_active")
    list_filter = (("raises", ChoicesDropdownFilter), ("is_active", BooleanRadioFilter))
    ordering = ("raises", "amount")
    search_fields = ("name", "title")
    warn_unsaved_form = True
    fieldsets = (
        ("Price list", {"fields": ("name", "title", "description", "is_active")}),
        ("What a pack adds", {"fields": ("raises", "amount", "is_recurring", "valid_days")}),
        ("Price", {"fields": ("price_cents", "price_id", "price_id_year")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: AddOn | None = None) -> tuple[str, ...]:
        """What was bought under a name stays what it was: only the amounts and prices change."""
        return ("name", "raises", "is_recurring") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_deed_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("billing.add_addon")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        services.change_add_on(add_on=obj, actor=staff_of(request))
        if {"title", "price_cents"} & set(form.changed_data):
            messages.warning(request, NOT_AT_STRIPE)

    @display(description="Adds", ordering="amount")
    def adds(self, row: AddOn) -> str:
        return f"{row.amount:,} {ONE[row.raises] if row.amount == 1 else row.get_raises_display()}"

    @display(description="Price", ordering="price_cents")
    def price(self, row: AddOn) -> str:
        return f"${row.price_cents / 100:,.2f} {'a month' if row.is_recurring else 'once'}"

    @display(description="Sold", boolean=True)
    def sold(self, row: AddOn) -> bool:
        """On the price list, with a price in Stripe."""
        return row.is_on_sale and bool(row.price_id)
