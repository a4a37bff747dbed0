"""Customers on the staff site: workspaces, people, keys; each deed asks first, needs POST and is audited."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import AuditEntry, Member, Role, User, Workspace
from gateway.models import ApiKey
from tests.staff.conftest import in_days, page

pytestmark = pytest.mark.django_db


def person_form(**values: Any) -> dict[str, Any]:
    """A person's form as a browser sends it, with the count of the memberships below it."""
    return {"time_zone": "UTC", "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0, **values}


def deeds(action: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action))


def test_a_workspace_is_closed_and_reopened_with_a_reason(desk: Client, workspace: Workspace, rita: User) -> None:
    close, reopen = page(Workspace, "close", workspace.pk), page(Workspace, "reopen", workspace.pk)
    assert desk.post(reopen, {"reason": "why not"}).status_code == 403
    assert desk.post(close, {"reason": ""}).status_code == 200
    assert desk.get(close).status_code == 200
    assert Workspace.objects.get(pk=workspace.pk).is_open
    assert desk.post(close, {"reason": "fraud"}).status_code == 302
    assert not Workspace.objects.get(pk=workspace.pk).is_open
    assert deeds("workspace.closed_by_staff")[0].data == {"reason": "fraud"}
    assert desk.post(close, {"reason": "again"}).status_code == 403
    assert desk.post(reopen, {"reason": "mistake"}).status_code == 302
    assert Workspace.objects.get(pk=workspace.pk).is_open
    assert [e.actor for e in deeds("workspace.reopened")] == [rita]


def test_the_list_tells_plan_keys_and_usage(desk: Client, rows: Any, strangers_workspace: Workspace) -> None:
    listed = desk.get(page(Workspace, "changelist")).context["cl"].result_list
    told = {
        row.slug: (row.owner_email, row.plan_name, row.keys_usable, row.used_day, row.member_count) for row in listed
    }
    assert told == {
        "olivia-co": ("olivia@example.com", "team", 1, 7, 2),
        "sam-co": ("sam@example.com", "free", 0, 0, 1),
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=sam@example", {"sam-co"}),
        ("?q=Olivia", {"olivia-co"}),
        ("?plan=team", {"olivia-co"}),
        ("?plan=pro", set()),
        ("?plan=free", {"sam-co"}),
        ("?state=open", {"olivia-co", "sam-co"}),
        ("?state=closed", set()),
    ],
)
def test_workspaces_are_searched_and_filtered(
    query: str, found: set[str], desk: Client, rows: Any, strangers_workspace: Workspace
) -> None:
    listed = desk.get(page(Workspace, "changelist") + query).context["cl"].result_list
    assert {row.slug for row in listed} == found


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ("created_at_from=2026-01-07&created_at_to=2026-01-07", True),
        ("created_at_to=2026-01-06", False),
        ("created_at_from=2026-01-08", False),
        ("created_at_from=soon", True),
        ("created_at_from=0001-01-01&created_at_to=9999-12-31", True),
    ],
)
def test_a_list_is_filtered_by_days_both_of_them_included(days: str, found: bool, desk: Client, key: ApiKey) -> None:
    ApiKey.objects.filter(pk=key.pk).update(created_at=datetime(2026, 1, 7, 15, tzinfo=UTC))
    assert (key.name in desk.get(f"{page(ApiKey, 'changelist')}?{days}").content.decode()) is found


def test_a_superuser_hires_and_dismisses_and_it_is_audited(desk: Client, olivia: User) -> None:
    group = Group.objects.create(name="Support")
    form = person_form(name="Olivia", is_active="on", is_staff="on", groups=[group.pk])
    assert desk.post(page(User, "change", olivia.pk), form).status_code == 302
    olivia.refresh_from_db()
    assert olivia.is_staff
    changed = deeds("user.changed")[0].data["changed"]
    assert changed == {"is_staff": [False, True], "groups": [[], ["Support"]]}


def test_nobody_changes_their_own_rights(desk: Client, rita: User) -> None:
    assert desk.post(page(User, "change", rita.pk), {"name": "Rita the Great"}).status_code == 403


def test_an_address_is_changed_by_its_owner_only(desk: Client, olivia: User) -> None:
    form = person_form(name="Liv", email="rita@evil.example", is_active="on")
    assert desk.post(page(User, "change", olivia.pk), form).status_code == 302
    assert User.objects.get(pk=olivia.pk).email == "olivia@example.com"


def test_a_group_of_permissions_is_made_of_what_the_site_shows(desk: Client) -> None:
    view = Permission.objects.get(codename="view_plan", content_type__app_label="billing")
    foreign = Permission.objects.get(codename="delete_logentry")
    assert desk.post(page(Group, "add"), {"name": "Pricing", "permissions": [foreign.pk]}).status_code == 200
    assert desk.post(page(Group, "add"), {"name": "Pricing", "permissions": [view.pk]}).status_code == 302
    assert deeds("group.changed")[0].data == {"permissions": ["view_plan"]}


def test_a_key_is_disabled_enabled_and_revoked(desk: Client, key: ApiKey) -> None:
    assert desk.post(page(ApiKey, "enable", key.pk)).status_code == 403
    for name, field, value in (("disable", "enabled", False), ("enable", "enabled", True)):
        assert desk.get(page(ApiKey, name, key.pk)).status_code == 200
        assert desk.post(page(ApiKey, name, key.pk)).status_code == 302
        assert getattr(ApiKey.objects.get(pk=key.pk), field) is value
    assert desk.post(page(ApiKey, "revoke", key.pk), {}).status_code == 200
    assert ApiKey.objects.get(pk=key.pk).revoked_at is None
    assert desk.post(page(ApiKey, "revoke", key.pk), {"reason": "leaked"}).status_code == 302
    assert ApiKey.objects.get(pk=key.pk).revoked_at is not None
    for name in ("disable", "enable", "override", "revoke"):
        assert desk.post(page(ApiKey, name, key.pk), {"reason": "x"}).status_code == 403


def test_a_rate_is_overridden_until_a_date(desk: Client, key: ApiKey) -> None:
    until = f"{in_days(3):%Y-%m-%dT%H:%M}"
    assert desk.post(page(ApiKey, "override", key.pk), {"limit": 5000, "until": until}).status_code == 302
    key.refresh_from_db()
    assert (key.rate_override, f"{key.rate_override_until:%Y-%m-%dT%H:%M}") == (5000, until)
    for bad in ({"limit": 0}, {"limit": 1_000_001}, {"limit": 10, "until": "2020-01-01T00:00"}):
        assert desk.post(page(ApiKey, "override", key.pk), bad).status_code == 200
    assert desk.post(page(ApiKey, "override", key.pk), {"limit": "", "until": ""}).status_code == 302
    key.refresh_from_db()
    assert (key.rate_override, key.rate_override_until) == (None, None)


def test_a_page_never_shows_more_of_a_secret_than_its_ends(desk: Client, key: ApiKey) -> None:
    for address in (page(ApiKey, "changelist"), page(ApiKey, "change", key.pk)):
        text = desk.get(address).content.decode()
        assert "md_live_Ab12…x9Yz" in text
        assert "d" * 64 not in text


def test_an_invitations_token_is_nowhere(desk: Client, rows: Any) -> None:
    from accounts.models import Invitation

    text = desk.get(page(Invitation, "change", rows[Invitation].pk)).content.decode()
    assert "guest@example.com" in text
    assert "t" * 64 not in text


def test_members_are_looked_at_and_not_touched(desk: Client, rita: User, workspace: Workspace) -> None:
    form = {"members-TOTAL_FORMS": 1, "members-INITIAL_FORMS": 0, "members-0-user": rita.pk, "members-0-role": "owner"}
    assert desk.post(page(Workspace, "change", workspace.pk), form).status_code == 403
    assert not Member.objects.filter(user=rita).exists()
    assert Member.objects.get(workspace=workspace, role=Role.OWNER).user.email == "olivia@example.com"
