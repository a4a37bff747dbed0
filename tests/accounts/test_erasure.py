"""Erasing workspaces and accounts, and what stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from accounts import audit, export
from accounts.models import AuditEntry, Invitation, Member, Role, User, Workspace
from accounts.services import members, people, workspaces
from accounts.services.erasure import erase_due, erase_workspace
from accounts.signals import workspace_erasing
from accounts.tasks import erase_closed_workspaces
from moondev.lib.errors import Conflict, Forbidden, NotFound
from tests.accounts.conftest import join, person

pytestmark = pytest.mark.django_db


def close_long_ago(workspace: Workspace, actor: User) -> None:
    workspaces.close_workspace(workspace=workspace, actor=actor)
    past = timezone.now() - timedelta(days=31)
    Workspace.objects.filter(pk=workspace.pk).update(closed_at=past, erase_after=past + timedelta(days=30))


@pytest.fixture
def failing() -> Iterator[list[int]]:
    """Ids of workspaces that an app cannot erase."""
    broken: list[int] = []

    def refuse(sender: Any, workspace: Workspace, **kwargs: Any) -> None:
        if workspace.pk in broken:
            raise RuntimeError("a row that cannot be deleted")

    workspace_erasing.connect(refuse)
    yield broken
    workspace_erasing.disconnect(refuse)


# Workspaces


def test_it_erases_what_is_due_and_keeps_the_row_without_names(team: Workspace, olivia: User) -> None:
    close_long_ago(team, olivia)
    erase_closed_workspaces()
    team.refresh_from_db()
    assert team.erased_at
    assert "olivia" not in f"{team.slug} {team.name}".lower()
    assert not team.members.exists()


def test_it_keeps_the_audit_log_without_names(team: Workspace, olivia: User, rita: User) -> None:
    audit.record(action="key.created", workspace=team, actor=olivia, target="olivia@example.com", name="Olivia's key")
    audit.record(action="plan.granted", workspace=team, actor=rita, target="pro")
    close_long_ago(team, olivia)
    erase_due()
    rows = AuditEntry.objects.filter(workspace=team)
    assert {"key.created", "plan.granted", "workspace.closed", "workspace.erased"} <= set(
        rows.values_list("action", flat=True)
    )
    assert "olivia" not in str(list(rows.values())).lower()
    assert rows.get(action="plan.granted").actor == rita


def test_it_does_not_erase_before_the_day(team: Workspace, olivia: User) -> None:
    workspaces.close_workspace(workspace=team, actor=olivia)
    assert erase_due() == 0


def test_it_does_not_erase_what_was_reopened(team: Workspace, olivia: User) -> None:
    workspaces.close_workspace(workspace=team, actor=olivia)
    workspaces.reopen_workspace(workspace=team, actor=olivia)
    assert not erase_workspace(workspace_id=team.pk)


def test_it_erases_once(team: Workspace, olivia: User) -> None:
    close_long_ago(team, olivia)
    assert (erase_due(), erase_due()) == (1, 0)


def test_it_erases_the_others_when_one_fails(
    team: Workspace, strangers_workspace: Workspace, olivia: User, sam: User, failing: list[int]
) -> None:
    close_long_ago(team, olivia)
    close_long_ago(strangers_workspace, sam)
    failing.append(team.pk)
    assert erase_due() == 1
    team.refresh_from_db()
    assert team.erased_at is None
    assert team.members.count() == 2
    failing.clear()
    assert erase_due() == 1


def test_it_knows_no_erased_workspace(team: Workspace, olivia: User) -> None:
    close_long_ago(team, olivia)
    erase_due()
    with pytest.raises(NotFound):
        workspaces.reopen_workspace(workspace=team, actor=olivia)


# Members


def test_it_changes_a_role(team: Workspace, olivia: User, max: User) -> None:
    row = Member.objects.get(workspace=team, user=max)
    assert members.change_role(member=row, actor=olivia, role="admin").role == Role.ADMIN
    with pytest.raises(Forbidden):
        members.change_role(member=Member.objects.get(workspace=team, user=olivia), actor=max, role="member")


def test_it_removes_a_member_but_not_the_owner(team: Workspace, olivia: User, max: User) -> None:
    Member.objects.filter(workspace=team, user=max).update(role=Role.ADMIN)
    owner, admin = (Member.objects.get(workspace=team, user=user) for user in (olivia, max))
    with pytest.raises(Forbidden):
        members.remove_member(member=owner, actor=max)
    with pytest.raises(Conflict):
        members.remove_member(member=admin, actor=max)
    members.remove_member(member=admin, actor=olivia)
    assert team.members.count() == 1


# Export


def test_it_exports_a_person_and_the_workspaces_they_own(team: Workspace, olivia: User, max: User) -> None:
    export.register("tests.things", lambda workspace: [f"thing of {workspace.slug}"])
    mine, other = (workspaces.export_user_data(user=user) for user in (olivia, max))
    assert mine["profile"]["email"] == olivia.email
    assert mine["owned_workspaces"][0]["tests.things"] == ["thing of olivia-co"]
    assert other["owned_workspaces"] == []
    assert other["memberships"][0]["workspace__slug"] == "olivia-co"
    del export._of_workspaces["tests.things"]


def test_it_exports_no_secret(team: Workspace, olivia: User) -> None:
    Invitation.objects.create(
        workspace=team, email="a@example.com", token_digest="d" * 64, expires_at=timezone.now() + timedelta(days=1)
    )
    text = str(workspaces.export_user_data(user=olivia))
    assert "a@example.com" in text
    assert "d" * 64 not in text
    assert olivia.password not in text


def test_it_exports_a_workspace_for_those_who_run_it(team: Workspace, olivia: User, max: User) -> None:
    assert len(workspaces.export_workspace_data(workspace=team, actor=olivia)["members"]) == 2
    with pytest.raises(Forbidden):
        workspaces.export_workspace_data(workspace=team, actor=max)


# Accounts


def test_it_names_the_workspaces_that_others_share(team: Workspace, olivia: User) -> None:
    with pytest.raises(Conflict, match="Olivia & Co"):
        people.delete_account(user=olivia)
    assert User.objects.filter(pk=olivia.pk).exists()


def test_it_deletes_an_account_and_the_workspaces_of_its_own(
    team: Workspace, strangers_workspace: Workspace, sam: User
) -> None:
    join(team, sam)
    people.delete_account(user=sam)
    strangers_workspace.refresh_from_db()
    assert strangers_workspace.erased_at
    assert not User.objects.filter(email="sam@example.com").exists()
    assert team.members.count() == 2


def test_it_leaves_no_name_behind(
    team: Workspace, olivia: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    zoe = person("zoe@example.com")
    join(team, zoe)
    audit.record(action="key.created", workspace=team, actor=zoe, target="a key")
    audit.record(action="member.role_changed", workspace=team, actor=olivia, target=zoe.email)
    with django_capture_on_commit_callbacks(execute=True):
        people.delete_account(user=zoe)
    assert "zoe" not in str(list(AuditEntry.objects.values())).lower()
    assert AuditEntry.objects.get(action="key.created").actor_label == "erased"
    assert not EmailAddress.objects.filter(email="zoe@example.com").exists()
    assert [letter.subject for letter in mail.outbox] == ["Your Moon Dev account is deleted"]


def test_it_ends_the_sessions_of_a_deleted_account(client: Client) -> None:
    client.force_login(person("zoe@example.com"))
    client.get("/accounts/password/change/")
    people.delete_account(user=User.objects.get(email="zoe@example.com"))
    assert not Session.objects.exists()


def test_it_does_not_delete_staff(rita: User) -> None:
    with pytest.raises(Forbidden):
        people.delete_account(user=rita)


def test_it_gives_a_new_person_a_workspace_unless_they_were_invited(olivia: User, sam: User) -> None:
    made = people.welcome(user=olivia, invited=False)
    assert made
    assert made.name == "Olivia's workspace"
    assert people.welcome(user=sam, invited=True) is None
    assert not Member.objects.filter(user=sam).exists()
