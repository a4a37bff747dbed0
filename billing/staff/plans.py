"""Plans as staff see them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.staff.base import StaffAdmin, staff_of
from billing import services
from billing.census import workspaces_by_plan
from billing.models import Plan
from billing.terms import FEATURES, FORMATS, FREE, PLAN_NAMES

NOT_AT_STRIPE = (
    "Stripe knows nothing of the new title and price yet: run `manage.py stripe_setup`. Until then customers read the "
    "new price and pay the old one."
)


def _boxes(words: tuple[str, ...], **options: Any) -> forms.MultipleChoiceField:
    choices = [(word, word) for word in words]
    return forms.MultipleChoiceField(choices=choices, widget=UnfoldAdminCheckboxSelectMultipleWidget(), **options)


class PlanForm(forms.ModelForm[Plan]):
    """Every number of a plan with what it means; the bounds are the model's."""

    formats = _boxes(FORMATS, help_text="Formats in which files are served. csv cannot be left out.")
    features = _boxes(FEATURES, required=False, help_text="Licensed agents that the plan unlocks.")


class PlanStaff(StaffAdmin):
    """Plans. A saved number holds in every process within a second."""

    form = PlanForm
    list_display = (
        "title",
        "workspaces_on_it",
        "requests_per_minute",
        "alerts",
        "backtest_runs_per_day",
        "seats",
        "history",
        "price",
    )
    ordering = ("rank",)
    search_fields = ("name", "title")
    warn_unsaved_form = True
    readonly_fields = ("workspaces_on_it",)
    fieldsets = (
        ("Price list", {"fields": ("name", "workspaces_on_it", "title", "description")}),
        ("Market data", {"fields": ("requests_per_minute", "history_days", "formats")}),
        ("Alerts", {"fields": ("alerts", "alert_poll_seconds")}),
        ("Backtests", {"fields": ("backtest_runs_per_day", "concurrent_runs", "run_retention_days")}),
        ("People", {"fields": ("seats", "workspaces")}),
        ("Licensed agents", {"fields": ("features", "machines_per_agent")}),
        (
            "Prices",
            {"fields": ("price_month_cents", "price_year_cents", "trial_days", "price_id_month", "price_id_year")},
        ),
    )

    def attach(self, rows: list[Any]) -> None:
        counts = workspaces_by_plan()
        for plan in rows:
            plan.on_it = counts.get(plan.name, 0)

    def get_readonly_fields(self, request: HttpRequest, obj: Plan | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "name") if obj else self.readonly_fields

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "name":
            kwargs["choices"] = [(name, name) for name in _missing()]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_deed_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The names are fixed; only a plan that was removed can come back."""
        return request.user.has_perm("billing.add_plan") and bool(_missing())

    def has_delete_permission(self, request: HttpRequest, obj: Plan | None = None) -> bool:
        """Only a plan that no workspace has, had or pays for, and never free."""
        if not isinstance(obj, Plan) or not request.user.has_perm("billing.delete_plan"):
            return False
        return obj.name != FREE and not services.is_used(obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        services.change_plan(plan=obj, actor=staff_of(request))
        if {"title", "price_month_cents", "price_year_cents"} & set(form.changed_data):
            messages.warning(request, NOT_AT_STRIPE)

    def delete_model(self, request: HttpRequest, obj: Plan) -> None:
        services.remove_plan(plan=obj, actor=staff_of(request))

    @display(description="Workspaces on it")
    def workspaces_on_it(self, plan: Plan) -> str:
        return f"{getattr(plan, 'on_it', 0):,}"

    @display(description="History", ordering="history_days")
    def history(self, plan: Plan) -> str:
        return f"{plan.history_days:,} days" if plan.history_days else "all"

    @display(description="Price a month", ordering="price_month_cents")
    def price(self, plan: Plan) -> str:
        return f"${plan.price_month_cents / 100:,.2f}"


def _missing() -> list[str]:
    there = set(Plan.objects.values_list("name", flat=True))
    return [name for name in PLAN_NAMES if name not in there]
