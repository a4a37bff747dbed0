"""The other pages in each of their states: overview, team, settings, profile, nowhere, closed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Invitation, Member, Role, User, Workspace
from accounts.services import workspaces
from gateway.models import ApiKey, Usage
from moondev.lib import clock
from tests.portal.conftest import Login, invite_row, member_row


def text(browser: Client, path: str, **data: str) -> str:
    """The page that a person sees in the end, its entities read."""
    answer = browser.post(path, data, follow=True) if data else browser.get(path, follow=True)
    return answer.content.decode().replace("&#x27;", "'").replace("&amp;", "&").replace("&quot;", '"')


# Overview ---------------------------------------------------------------------------------------------------------


def test_it_leads_a_newcomer_step_by_step(owner: Client, team: Workspace, olivia: User) -> None:
    page = text(owner, "/portal/")
    assert "Create an API key" in page
    assert 'href="/portal/keys/new/"' in page


def test_it_ticks_off_what_is_done(owner: Client, key: ApiKey) -> None:
    assert owner.get("/portal/").context["steps"][0].done


def test_it_shows_plan_limits_and_what_is_left(owner: Client, team: Workspace) -> None:
    page = text(owner, "/portal/")
    assert "Pro plan" in page
    assert '600<span class="p-of"> of 600</span>' in page
    assert "90 days" in page


def test_it_says_that_data_is_simulated(owner: Client) -> None:
    assert "Simulated data" in text(owner, "/portal/")


def test_it_answers_304_until_the_numbers_change(owner: Client, key: ApiKey) -> None:
    first = owner.get("/portal/live/")
    assert "no-store" in first["Cache-Control"]
    assert owner.get("/portal/live/", headers={"If-None-Match": first["ETag"]}).status_code == 304
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    Usage.objects.create(
        hour=hour, workspace_id=key.workspace_id, key_id=key.pk, endpoint="/x", status_class=2, requests=5
    )
    again = owner.get("/portal/live/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    assert ">5</dd>" in again.content.decode()


def test_it_shows_moments_in_the_persons_zone_with_utc_as_tooltip(owner: Client, key: ApiKey, olivia: User) -> None:
    ApiKey.objects.filter(pk=key.pk).update(created_at="2026-07-01T22:30:00Z")
    User.objects.filter(pk=olivia.pk).update(time_zone="Asia/Kolkata")
    page = text(owner, f"/portal/keys/{key.pk}/")
    assert "2 Jul 2026, 04:00" in page
    assert 'title="2026-07-01 22:30 UTC"' in page
    assert "Times in Asia/Kolkata" in page


def test_it_fills_the_quick_start_with_ones_own_prefix(owner: Client, key: ApiKey) -> None:
    page = text(owner, "/portal/quickstart/")
    assert f'export MOONDEV_KEY="{key.secrets.get().prefix}…"' in page
    for name in ("curl", "python", "javascript"):
        assert f'data-copy="code-{name}"' in page


# Team -------------------------------------------------------------------------------------------------------------


def test_it_invites_and_mails_the_link(owner: Client, django_capture_on_commit_callbacks: object) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        page = text(owner, "/portal/team/invite/", email="new@example.com", role="admin")
    assert "on its way to new@example.com" in page
    assert mail.outbox[-1].to == ["new@example.com"]
    assert Invitation.objects.get(email="new@example.com").role == Role.ADMIN


def test_it_counts_the_seat_that_an_invitation_holds(owner: Client, mate: Client, offer: Invitation) -> None:
    for browser in (owner, mate):
        assert "3 of 3 seats taken" in text(browser, "/portal/team/")
    Invitation.objects.filter(pk=offer.pk).update(expires_at=timezone.now())
    assert "2 of 3 seats taken" in text(owner, "/portal/team/")


def test_it_says_at_the_form_that_no_seat_is_left(owner: Client, team: Workspace, offer: Invitation) -> None:
    page = text(owner, "/portal/team/invite/", email="fourth@example.com", role="member")
    assert "3 members" in page
    assert not Invitation.objects.filter(email="fourth@example.com").exists()


def test_it_marks_an_expired_invitation(owner: Client, offer: Invitation) -> None:
    Invitation.objects.filter(pk=offer.pk).update(expires_at=timezone.now() - timedelta(days=1))
    assert "expired" in text(owner, "/portal/team/")


def test_it_changes_a_role(owner: Client, team: Workspace, max: User) -> None:
    page = text(owner, f"/portal/team/members/{member_row(team, max).pk}/role/", role="admin")
    assert "Max is now admin" in page
    assert member_row(team, max).role == Role.ADMIN


def test_it_tells_an_owner_to_hand_over_before_leaving(owner: Client) -> None:
    assert "A workspace always has an owner" in text(owner, "/portal/team/leave/")


def test_it_transfers_after_the_name_was_typed(owner: Client, team: Workspace, max: User) -> None:
    heir = str(member_row(team, max).pk)
    assert "Type exactly" in text(owner, "/portal/team/transfer/", to=heir, confirmation="olivia")
    assert "now owns" in text(owner, "/portal/team/transfer/", to=heir, confirmation=team.name)
    assert member_row(team, max).role == Role.OWNER


def test_it_never_offers_a_stranger_as_the_new_owner(
    owner: Client, team: Workspace, sam: User, strangers_workspace: Workspace
) -> None:
    wrong = str(member_row(strangers_workspace, sam).pk)
    assert "Select a valid choice" in text(owner, "/portal/team/transfer/", to=wrong, confirmation=team.name)


# Settings ---------------------------------------------------------------------------------------------------------


def test_it_renames(owner: Client, team: Workspace) -> None:
    assert "New name & co" in text(owner, "/portal/settings/rename/", name="New name & co")
    team.refresh_from_db()
    assert team.slug == "olivia-co"


def test_it_says_when_members_may_not_have_keys(owner: Client, team: Workspace) -> None:
    assert "no longer create keys" in text(owner, "/portal/settings/keys/", allowed="")
    team.refresh_from_db()
    assert not team.members_manage_own_keys


def test_it_exports_the_workspace_as_an_attachment(owner: Client, key: ApiKey) -> None:
    answer = owner.post("/portal/settings/export/")
    assert answer["Content-Disposition"].startswith('attachment; filename="workspace-olivia-co-')
    assert "no-store" in answer["Cache-Control"]
    found = json.loads(answer.content)
    assert found["workspace"]["slug"] == "olivia-co"
    assert key.secrets.get().digest not in answer.content.decode()


def test_it_closes_after_the_name_was_typed_and_opens_again(owner: Client, team: Workspace) -> None:
    assert "Type exactly" in text(owner, "/portal/settings/close/", confirmation="no")
    page = text(owner, "/portal/settings/close/", confirmation=team.name)
    assert "is closed" in page
    assert "Open it again" in page
    assert "Open it again" in text(owner, "/portal/keys/")
    assert owner.post("/portal/settings/reopen/").status_code == 302
    assert "API keys of" in text(owner, "/portal/keys/") or "No API key yet" in text(owner, "/portal/keys/")


def test_it_shows_a_member_that_the_workspace_is_closed(mate: Client, team: Workspace, olivia: User) -> None:
    workspaces.close_workspace(workspace=team, actor=olivia)
    page = text(mate, "/portal/")
    assert "its owner can open it again" in page
    assert '<button class="p-btn primary" type="submit">Open it again' not in page


def test_it_greets_who_belongs_nowhere(rita: User, olivia: User, team: Workspace, login: Login) -> None:
    invite_row(team, olivia, rita.email)
    browser = login(rita)
    page = text(browser, "/portal/keys/")
    assert "You belong to no workspace" in page
    assert "You are invited to" in page
    invitation = Invitation.objects.get(email=rita.email)
    browser.post(f"/portal/invitations/{invitation.pk}/accept/")
    assert Member.objects.filter(workspace=team, user=rita).exists()


def test_it_makes_a_workspace_and_goes_there(rita: User, login: Login) -> None:
    assert "Second desk is ready" in text(login(rita), "/portal/workspaces/new/", name="Second desk")


def test_it_switches_between_ones_workspaces(owner: Client, olivia: User, strangers_workspace: Workspace) -> None:
    Member.objects.create(workspace=strangers_workspace, user=olivia)
    owner.post(f"/portal/workspaces/{strangers_workspace.pk}/switch/")
    assert "Sam & Co" in text(owner, "/portal/settings/")


# The person -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "status"), [("Europe/Rome", 302), ("Moon/Tycho", 422), ("", 422)])
def test_it_keeps_a_time_zone_that_exists(zone: str, status: int, owner: Client, olivia: User) -> None:
    assert owner.post("/portal/profile/", {"name": "Olivia", "time_zone": zone}).status_code == status
    olivia.refresh_from_db()
    assert olivia.time_zone == (zone if status == 302 else "UTC")


def test_it_survives_a_zone_that_this_machine_does_not_know(owner: Client, olivia: User) -> None:
    User.objects.filter(pk=olivia.pk).update(time_zone="Moon/Tycho")
    assert "Times in UTC" in text(owner, "/portal/")


def test_it_leads_to_every_guard_of_the_account(owner: Client) -> None:
    page = text(owner, "/portal/security/")
    for path in ("2fa/totp/activate", "2fa/webauthn", "password/change", "accounts/email", "accounts/sessions"):
        assert path in page


def test_it_exports_ones_own_data(owner: Client, olivia: User) -> None:
    assert json.loads(owner.post("/portal/security/export/").content)["profile"]["email"] == olivia.email


def test_it_asks_for_the_password_again_before_an_account_ends(owner: Client, olivia: User) -> None:
    answer = owner.post("/portal/security/delete/", {"confirmation": olivia.email})
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert User.objects.filter(pk=olivia.pk).exists()


def test_it_ends_an_account_after_the_address_was_typed(login: Login, max: User, team: Workspace) -> None:
    browser = login(max)
    browser.post("/accounts/reauthenticate/", {"password": "correct horse battery"})
    assert "What will happen" in text(browser, "/portal/security/delete/")
    ended = browser.post("/portal/security/delete/", {"confirmation": max.email}, follow=True)
    assert "Your account is deleted." in ended.content.decode()
    assert not User.objects.filter(email="max@example.com").exists()
    assert browser.get("/portal/").status_code == 302
    assert not EmailAddress.objects.filter(email="max@example.com").exists()


@pytest.mark.parametrize(
    ("path", "status"), [("/portal/keys/9/", 404), ("/portal/nothing/", 404), ("/portal/team/invite/", 403)]
)
def test_it_shows_an_error_as_a_page(path: str, status: int, mate: Client) -> None:
    answer = mate.get(path)
    assert answer.status_code == status
    assert "Go to the overview" in answer.content.decode()
