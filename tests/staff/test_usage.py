"""Usage by customer: the right sums, by day and month, on the page and as a harmless CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Workspace
from gateway.models import Usage

pytestmark = pytest.mark.django_db
REPORT = "/admin/gateway/usage/"


@pytest.fixture
def year(workspace: Workspace, strangers_workspace: Workspace) -> None:
    """Requests on known days: olivia 10 + 5 refused in January, 100 in February; sam 40 in February."""
    count(workspace, "2026-01-05T10:00", 10)
    count(workspace, "2026-01-05T11:00", 5, status_class=4)
    count(workspace, "2026-02-01T00:00", 100)
    count(strangers_workspace, "2026-02-28T23:00", 40, status_class=5)


def count(workspace: Workspace, hour: str, requests: int, status_class: int = 2) -> None:
    moment = datetime.fromisoformat(hour).replace(tzinfo=UTC)
    Usage.objects.create(
        hour=moment, workspace_id=workspace.pk, endpoint="/x", status_class=status_class, requests=requests
    )


def test_it_ranks_customers_and_sums_what_was_answered_refused_and_failed(desk: Client, year: None) -> None:
    context = desk.get(REPORT + "?start=2026-01-01&end=2026-02-28").context
    assert [(row["name"], row["total"], row["refused"], row["failed"]) for row in context["customers"]] == [
        ("Olivia & Co", 115, 5, 0),
        ("Sam & Co", 40, 0, 40),
    ]
    assert context["totals"] == {"total": 155, "ok": 110, "refused": 5, "failed": 40}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("start=2026-01-01&end=2026-02-28&step=month", [("2026-01", 15), ("2026-02", 140)]),
        ("start=2026-01-01&end=2026-02-27&step=day", [("2026-01-05", 15), ("2026-02-01", 100)]),
        ("start=2026-01-05&end=2026-01-05", [("2026-01-05", 15)]),
        ("start=2026-02-01&end=2026-02-28&step=month&customer=sam", [("2026-02", 40)]),
        ("start=2026-01-06&end=2026-01-31", []),
    ],
)
def test_it_sums_by_day_and_month(query: str, expected: list[Any], desk: Client, year: None) -> None:
    series = desk.get(f"{REPORT}?{query}").context["series"]
    assert [(row["period"], row["total"]) for row in series] == expected


@pytest.mark.parametrize(
    "query", ["start=nonsense", "start=2026-02-01&end=2026-01-01", "start=2000-01-01&end=2026-01-01", "step=century"]
)
def test_nonsense_is_explained_and_shows_the_last_month(query: str, desk: Client, year: None) -> None:
    answer = desk.get(f"{REPORT}?{query}")
    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_the_last_days_of_the_calendar_are_a_period_too(desk: Client, year: None) -> None:
    answer = desk.get(f"{REPORT}?start=9999-12-30&end=9999-12-31&step=day")
    assert not answer.context["form"].errors
    assert answer.context["series"] == []


def test_the_csv_has_a_row_for_every_customer_and_day(desk: Client, year: None, workspace: Workspace) -> None:
    answer = desk.get(REPORT + "export.csv?start=2026-01-01&end=2026-02-28")
    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Content-Disposition"].startswith("attachment;")
    lines = lines_of(answer)
    assert lines[0] == ["period", "workspace_id", "slug", "name", "requests", "answered", "refused", "failed"]
    assert lines[1] == ["2026-01-05", str(workspace.pk), "olivia-co", "Olivia & Co", "15", "10", "5", "0"]
    assert len(lines) == 4


def lines_of(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_the_csv_holds_no_formula(start: str, desk: Client, year: None, workspace: Workspace) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(name=f"{start}cmd|' /C calc'!A1")
    answer = desk.get(REPORT + "export.csv?start=2026-01-01&end=2026-02-28")
    cells = {cell for row in lines_of(answer) for cell in row}
    assert f"'{start}cmd|' /C calc'!A1" in cells
    assert not any(cell.startswith(start) for cell in cells)


def test_usage_outlives_the_workspace(desk: Client, year: None, strangers_workspace: Workspace) -> None:
    pk = strangers_workspace.pk
    strangers_workspace.delete()
    customers = desk.get(REPORT + "?start=2026-02-01&end=2026-02-28").context["customers"]
    assert customers[1]["name"] == f"Workspace {pk}"


def test_a_clerk_needs_the_permission(clerk: Any) -> None:
    browser = clerk("billing.view_plan")
    assert browser.get(REPORT).status_code == 403
    assert browser.get(reverse("staff:gateway_usage_export")).status_code == 403
