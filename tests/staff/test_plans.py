"""Plans and grants on the staff site: bounded, audited, done by services."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, User, Workspace
from billing.limits import terms_of
from billing.models import Entitlement, Plan
from tests.staff.conftest import in_days, page

pytestmark = pytest.mark.django_db


def form_of(plan: Plan, **edits: Any) -> dict[str, Any]:
    """A plan's form as a browser sends it."""
    values = {name: "" if value is None else value for name, value in plan.numbers().items() if name != "rank"}
    return {**values, **edits}


def test_an_edited_plan_is_stored_and_audited_with_before_and_after(desk: Client, rita: User) -> None:
    plan = Plan.objects.get(name="pro")
    edits = {"requests_per_minute": 700, "history_days": "", "features": ["focus", "clips", "video"]}
    answer = desk.post(page(Plan, "change", "pro"), form_of(plan, **edits))
    assert answer.status_code == 302
    plan.refresh_from_db()
    assert (plan.requests_per_minute, plan.history_days, set(plan.features)) == (700, None, {"focus", "clips", "video"})
    entry = AuditEntry.objects.get(action="plan.changed")
    assert (entry.actor, entry.target) == (rita, "pro")
    assert entry.data["changed"]["requests_per_minute"] == [600, 700]
    assert entry.data["changed"]["history_days"] == [90, None]
    assert set(entry.data["changed"]) == {"requests_per_minute", "history_days", "features"}


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ({"requests_per_minute": 0}, "greater than or equal to 1"),
        ({"requests_per_minute": 1_000_001}, "less than or equal to 1000000"),
        ({"alert_poll_seconds": 4}, "greater than or equal to 5"),
        ({"formats": ["json"]}, "csv cannot be left out"),
        ({"formats": ["csv", "xls"]}, "Select a valid choice"),
        ({"title": ""}, "This field is required"),
    ],
)
def test_a_number_out_of_bounds_is_explained_and_not_stored(edits: Any, message: str, desk: Client) -> None:
    answer = desk.post(page(Plan, "change", "pro"), form_of(Plan.objects.get(name="pro"), **edits))
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert not AuditEntry.objects.filter(action="plan.changed").exists()


def test_every_number_is_explained(desk: Client) -> None:
    text = html.unescape(desk.get(page(Plan, "change", "pro")).content.decode())
    for field in Plan._meta.concrete_fields:
        if field.name not in {"rank", "formats"}:
            assert str(field.help_text).split(".")[0] in text, field.name


def test_the_name_never_changes(desk: Client) -> None:
    desk.post(page(Plan, "change", "pro"), form_of(Plan.objects.get(name="pro"), name="team", alerts=21))
    assert Plan.objects.get(name="pro").alerts == 21
    assert Plan.objects.get(name="team").alerts == 50


def test_it_shows_how_many_workspaces_are_on_a_plan(desk: Client, rows: Any) -> None:
    listed = desk.get(page(Plan, "changelist")).context["cl"].result_list
    assert {plan.name: plan.on_it for plan in listed} == {"free": 0, "pro": 0, "team": 1, "enterprise": 0}


def test_no_plan_is_added_while_all_four_are_there(desk: Client) -> None:
    assert desk.get(page(Plan, "add")).status_code == 403
    Plan.objects.get(name="enterprise").delete()
    answer = desk.get(page(Plan, "add"))
    assert list(answer.context["adminform"].form.fields["name"].choices) == [("enterprise", "enterprise")]
    form = form_of(Plan.objects.get(name="team"), name="enterprise", title="Enterprise")
    assert desk.post(page(Plan, "add"), form).status_code == 302
    assert Plan.objects.get(name="enterprise").rank == 3
    assert AuditEntry.objects.filter(action="plan.created", target="enterprise").exists()


def test_only_an_unused_plan_is_removed_and_never_free(desk: Client, rows: Any) -> None:
    for name in ("free", "team", "pro"):
        assert desk.post(page(Plan, "delete", name), {"post": "yes"}).status_code == 403
    assert desk.post(page(Plan, "delete", "enterprise"), {"post": "yes"}).status_code == 302
    assert AuditEntry.objects.filter(action="plan.removed", target="enterprise").exists()


def test_a_plan_is_granted_from_the_workspaces_page(desk: Client, workspace: Workspace, rita: User) -> None:
    address = page(Workspace, "grant_plan", workspace.pk)
    assert desk.get(address).status_code == 200
    assert not Entitlement.objects.exists()
    ends = f"{in_days(10):%Y-%m-%dT%H:%M}"
    assert desk.post(address, {"plan": "enterprise", "reason": "pilot", "ends_at": ends}).status_code == 302
    grant = Entitlement.objects.get()
    assert (grant.plan_id, grant.reason, grant.granted_by) == ("enterprise", "pilot", rita)
    assert f"{grant.ends_at:%Y-%m-%dT%H:%M}" == ends
    assert terms_of(workspace).plan == "enterprise"


@pytest.mark.parametrize(
    "edits", [{"plan": "free"}, {"plan": "gold"}, {"reason": " "}, {"ends_at": "2020-01-01T00:00"}, {"ends_at": ""}]
)
def test_a_grant_that_makes_no_sense_is_refused_in_the_form(edits: Any, desk: Client, workspace: Workspace) -> None:
    form = {"plan": "pro", "reason": "pilot", "ends_at": f"{in_days(10):%Y-%m-%dT%H:%M}", **edits}
    for address in (page(Workspace, "grant_plan", workspace.pk), page(Entitlement, "add")):
        answer = desk.post(address, {"workspace": workspace.pk, **form})
        assert answer.status_code == 200
        assert not Entitlement.objects.exists()


def test_a_grant_is_added_and_ended_on_the_grants_page(desk: Client, workspace: Workspace) -> None:
    ends = f"{in_days(10):%Y-%m-%dT%H:%M}"
    form = {"workspace": workspace.pk, "plan": "pro", "reason": "pilot", "ends_at": ends}
    assert desk.post(page(Entitlement, "add"), form).status_code == 302
    grant = Entitlement.objects.get()
    assert desk.get(page(Entitlement, "end", grant.pk)).status_code == 200
    assert terms_of(workspace).plan == "pro"
    assert desk.post(page(Entitlement, "end", grant.pk)).status_code == 302
    assert terms_of(workspace).plan == "free"
    assert [e.action for e in AuditEntry.objects.filter(workspace=workspace).order_by("id")] == [
        "entitlement.granted",
        "entitlement.ended",
    ]
    assert desk.post(page(Entitlement, "end", grant.pk)).status_code == 403


def test_a_grant_is_never_edited(desk: Client, rows: Any) -> None:
    grant = rows[Entitlement]
    assert desk.post(page(Entitlement, "change", grant.pk), {"plan": "enterprise"}).status_code == 403
