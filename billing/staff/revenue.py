"""The revenue page: money by the month, who came, who went and who could not pay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from billing.payments.revenue import DAYS, Overview, PlanRevenue, failed_payments, overview

LATEST = 20


def revenue_page() -> dict[str, Any]:
    """What the page shows, ready to be printed."""
    found = overview()
    since = timezone.now() - timedelta(days=DAYS)
    return {
        "days": DAYS,
        "numbers": [{"title": title, "value": value, "url": url} for title, value, url in _numbers(found)],
        "plans": [_plan(row) for row in found.plans],
        "failed": list(failed_payments(since).defer("payload")[:LATEST]),
    }


def dollars(cents: int) -> str:
    """US cents as $1,234.50."""
    return f"${cents / 100:,.2f}"


def _numbers(found: Overview) -> list[tuple[str, str, str]]:
    rows = reverse("staff:billing_subscription_changelist")
    return [
        ("A month (MRR)", dollars(found.monthly_cents), ""),
        ("A year (ARR)", dollars(found.yearly_cents), ""),
        ("Paying", f"{found.paying:,}", f"{rows}?look=paying"),
        ("On trial", f"{found.trials:,}", f"{rows}?status__exact=trialing"),
        ("New", f"{found.new:,}", ""),
        ("Gone", f"{found.churned:,}", ""),
        ("Gone, a month", dollars(found.churned_cents), ""),
        ("Churn", "–" if found.churn is None else f"{found.churn:g} %", ""),
        ("Failed payments", f"{found.failed_payments:,}", ""),
        ("Past due", f"{found.past_due:,}", f"{rows}?status__exact=past_due"),
        ("Past due, a month", dollars(found.past_due_cents), ""),
        ("Suspended", f"{found.suspended:,}", f"{rows}?look=suspended"),
        ("Plan from staff alone", f"{found.comped:,}", ""),
    ]


def _plan(row: PlanRevenue) -> dict[str, Any]:
    return {
        "plan": row.plan,
        "subscriptions": row.subscriptions,
        "monthly": dollars(row.monthly_cents),
        "share": row.share,
    }
