"""Places offered by e-mail."""

from __future__ import annotations

import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from accounts.models import AuditEntry, Invitation, Member, Role, User, Workspace
from accounts.services import invitations, members, workspaces
from moondev.lib.errors import Conflict, Forbidden, Invalid, NotFound, QuotaExhausted, TooManyRequests
from tests.accounts.conftest import PASSWORD, give_plan, join, person, run

pytestmark = pytest.mark.django_db


def offer(workspace: Workspace, email: str, *, role: str = "member") -> tuple[Invitation, str]:
    """An invitation and its token, made as the service makes it but without the letter."""
    token = Invitation.new_token()
    invitation = Invitation.objects.create(
        workspace=workspace,
        email=email,
        role=role,
        token_digest=Invitation.digest(token),
        expires_at=timezone.now() + invitations.VALID_FOR,
    )
    return invitation, token


def expire(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def path_in_letter() -> str:
    found = re.search(r"https?://[^/\s]+(/accounts/invitations/\S+)", str(mail.outbox[-1].body))
    assert found
    return found.group(1)


# Offering


def test_it_mails_a_link_to_the_invited_address(
    team: Workspace, olivia: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        made = invitations.invite(workspace=team, actor=olivia, email=" New@Example.com ", role="admin")
    assert (made.email, made.role) == ("new@example.com", Role.ADMIN)
    assert mail.outbox[0].to == ["new@example.com"]
    assert path_in_letter().rstrip("/").split("/")[-1] not in made.token_digest


def test_it_tells_the_end_in_utc_whatever_zone_the_inviter_reads(
    team: Workspace, olivia: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with timezone.override("Asia/Tokyo"), django_capture_on_commit_callbacks(execute=True):
        made = invitations.invite(workspace=team, actor=olivia, email="new@example.com", role="admin")
    assert f"works until {date_format(made.expires_at, 'j F Y, H:i')} UTC" in mail.outbox[0].body


def test_it_escapes_a_customers_words_in_the_letter(
    team: Workspace, olivia: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    workspaces.rename_workspace(workspace=team, actor=olivia, name='<img src="x"> & Co')
    with django_capture_on_commit_callbacks(execute=True):
        invitations.invite(workspace=team, actor=olivia, email="new@example.com", role="member")
    letter = mail.outbox[-1]
    assert '<img src="x"> & Co' in letter.body
    assert "&lt;img src=&quot;x&quot;&gt; &amp; Co" in str(letter.alternatives[0].content)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("email", "role"), [("nobody", "member"), ("a@example.com", "owner"), ("a@example.com", "x")])
def test_it_refuses_what_is_no_address_or_no_role(team: Workspace, olivia: User, email: str, role: str) -> None:
    with pytest.raises(Invalid):
        invitations.invite(workspace=team, actor=olivia, email=email, role=role)


def test_it_refuses_a_member_and_an_invited_address(team: Workspace, olivia: User, max: User) -> None:
    with pytest.raises(Invalid, match="member already"):
        invitations.invite(workspace=team, actor=olivia, email=max.email.upper(), role="member")
    invitations.invite(workspace=team, actor=olivia, email="new@example.com", role="member")
    with pytest.raises(Conflict, match="open invitation"):
        invitations.invite(workspace=team, actor=olivia, email="NEW@example.com", role="member")


def test_it_replaces_an_expired_invitation(team: Workspace, olivia: User) -> None:
    old, _ = offer(team, "new@example.com")
    expire(old)
    new = invitations.invite(workspace=team, actor=olivia, email="new@example.com", role="member")
    old.refresh_from_db()
    assert old.revoked_at
    assert new.pk != old.pk


def test_it_keeps_members_and_strangers_from_inviting(team: Workspace, max: User, sam: User) -> None:
    with pytest.raises(Forbidden):
        invitations.invite(workspace=team, actor=max, email="new@example.com", role="member")
    with pytest.raises(NotFound):
        invitations.invite(workspace=team, actor=sam, email="new@example.com", role="member")


def test_it_counts_open_invitations_as_seats(team: Workspace, olivia: User) -> None:
    invitations.invite(workspace=team, actor=olivia, email="third@example.com", role="member")
    with pytest.raises(QuotaExhausted):
        invitations.invite(workspace=team, actor=olivia, email="fourth@example.com", role="member")


def test_it_frees_the_seat_of_an_expired_or_revoked_invitation(team: Workspace, olivia: User) -> None:
    first = invitations.invite(workspace=team, actor=olivia, email="third@example.com", role="member")
    invitations.revoke_invitation(invitation=first, actor=olivia)
    second = invitations.invite(workspace=team, actor=olivia, email="fourth@example.com", role="member")
    expire(second)
    invitations.invite(workspace=team, actor=olivia, email="fifth@example.com", role="member")


def test_it_invites_nobody_on_free(strangers_workspace: Workspace, sam: User) -> None:
    with pytest.raises(QuotaExhausted):
        invitations.invite(workspace=strangers_workspace, actor=sam, email="new@example.com", role="member")


def test_it_bounds_a_days_letters(team: Workspace, olivia: User) -> None:
    for _ in range(invitations.LETTERS_PER_DAY):
        AuditEntry.objects.create(action="invitation.sent", workspace=team, actor_label="x")
    with pytest.raises(TooManyRequests):
        invitations.invite(workspace=team, actor=olivia, email="new@example.com", role="member")


@pytest.mark.django_db(transaction=True)
def test_it_gives_the_last_seat_once(team: Workspace, olivia: User) -> None:
    start, refused = Barrier(2), []

    def invite(email: str) -> None:
        start.wait()
        try:
            invitations.invite(workspace=team, actor=olivia, email=email, role="member")
        except QuotaExhausted as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [Thread(target=invite, args=(f"{name}@example.com",)) for name in ("a", "b")]
    run(threads)
    assert len(refused) == 1
    assert Invitation.objects.for_workspace(team).usable().count() == 1


# Sending again, taking back


def test_it_sends_a_new_link_and_stops_the_old_one(
    team: Workspace, olivia: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    invitation, token = offer(team, "new@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        invitations.resend_invitation(invitation=invitation, actor=olivia)
    with pytest.raises(NotFound):
        invitations.find_invitation(token)
    assert invitations.find_invitation(path_in_letter().rstrip("/").split("/")[-1]) == invitation


def test_it_needs_a_seat_to_send_an_expired_one_again(team: Workspace, olivia: User) -> None:
    invitation, _ = offer(team, "new@example.com")
    expire(invitation)
    join(team, person("third@example.com"))
    with pytest.raises(QuotaExhausted):
        invitations.resend_invitation(invitation=invitation, actor=olivia)


def test_it_stops_a_revoked_link(team: Workspace, olivia: User) -> None:
    invitation, token = offer(team, "new@example.com")
    invitations.revoke_invitation(invitation=invitation, actor=olivia)
    invitations.revoke_invitation(invitation=invitation, actor=olivia)
    with pytest.raises(NotFound):
        invitations.accept_invitation(token=token, user=person("new@example.com"))


def test_it_does_not_revoke_or_resend_an_accepted_one(team: Workspace, olivia: User) -> None:
    invitation, token = offer(team, "new@example.com")
    invitations.accept_invitation(token=token, user=person("new@example.com"))
    for settle in (invitations.revoke_invitation, invitations.resend_invitation):
        with pytest.raises(Conflict):
            settle(invitation=invitation, actor=olivia)


# Accepting


def test_it_makes_a_member_in_the_offered_role(team: Workspace) -> None:
    _, token = offer(team, "new@example.com", role="admin")
    member = invitations.accept_invitation(token=token, user=person("New@Example.com"))
    assert (member.workspace, member.role) == (team, Role.ADMIN)


def test_it_refuses_another_address(team: Workspace, sam: User) -> None:
    _, token = offer(team, "new@example.com")
    with pytest.raises(Forbidden, match=r"new@example\.com"):
        invitations.accept_invitation(token=token, user=sam)


def test_it_refuses_an_address_that_is_not_confirmed(team: Workspace) -> None:
    _, token = offer(team, "new@example.com")
    user = person("new@example.com")
    EmailAddress.objects.filter(user=user).update(verified=False)
    with pytest.raises(Forbidden):
        invitations.accept_invitation(token=token, user=user)


def test_it_refuses_an_expired_link(team: Workspace) -> None:
    invitation, token = offer(team, "new@example.com")
    expire(invitation)
    with pytest.raises(Conflict, match="expired"):
        invitations.accept_invitation(token=token, user=person("new@example.com"))


def test_it_gives_the_same_membership_when_accepted_twice(team: Workspace) -> None:
    _, token = offer(team, "new@example.com")
    user = person("new@example.com")
    first = invitations.accept_invitation(token=token, user=user)
    assert invitations.accept_invitation(token=token, user=user) == first


def test_it_does_not_let_a_removed_member_back_in_by_the_old_link(team: Workspace, olivia: User) -> None:
    _, token = offer(team, "new@example.com")
    user = person("new@example.com")
    member = invitations.accept_invitation(token=token, user=user)
    members.remove_member(member=member, actor=olivia)
    with pytest.raises(Conflict, match="used already"):
        invitations.accept_invitation(token=token, user=user)


def test_it_refuses_when_the_plan_has_shrunk(team: Workspace) -> None:
    _, token = offer(team, "new@example.com")
    team.entitlements.all().delete()
    with pytest.raises(QuotaExhausted):
        invitations.accept_invitation(token=token, user=person("new@example.com"))


def test_it_refuses_a_closed_workspace(team: Workspace, olivia: User) -> None:
    _, token = offer(team, "new@example.com")
    workspaces.close_workspace(workspace=team, actor=olivia)
    with pytest.raises(NotFound):
        invitations.accept_invitation(token=token, user=person("new@example.com"))


def test_it_lists_what_waits_for_a_person(team: Workspace, sam: User) -> None:
    invitation, _ = offer(team, "new@example.com")
    assert list(invitations.waiting_for(user=person("new@example.com"))) == [invitation]
    assert list(invitations.waiting_for(user=sam)) == []


@pytest.mark.django_db(transaction=True)
def test_it_fills_the_last_seat_once_when_two_accept(team: Workspace) -> None:
    with transaction.atomic():
        people = [person("a@example.com"), person("b@example.com")]
        tokens = [offer(team, user.email)[1] for user in people]
    start, refused = Barrier(2), []

    def accept(user: User, token: str) -> None:
        start.wait()
        try:
            invitations.accept_invitation(token=token, user=user)
        except QuotaExhausted as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [Thread(target=accept, args=pair) for pair in zip(people, tokens, strict=True)]
    run(threads)
    assert len(refused) == 1
    assert Member.objects.filter(workspace=team).count() == 3


# The page that the letter leads to


def test_it_shows_a_visitor_both_ways_in(team: Workspace, client: Client) -> None:
    _, token = offer(team, "new@example.com")
    page = client.get(f"/accounts/invitations/{token}/").content.decode()
    assert "Create an account" in page
    assert "I have an account" in page


def test_it_lets_an_existing_account_join_by_the_page(team: Workspace, client: Client) -> None:
    _, token = offer(team, "new@example.com")
    user = person("new@example.com")
    give_plan(team, "team")
    client.force_login(user)
    answer = client.post(f"/accounts/invitations/{token}/")
    assert answer.status_code == 302
    assert client.session["workspace_id"] == team.pk
    assert Member.objects.filter(workspace=team, user=user).exists()


def test_it_tells_the_wrong_person_which_address_is_meant(team: Workspace, client: Client, sam: User) -> None:
    _, token = offer(team, "new@example.com")
    client.force_login(sam)
    assert "Use another account" in client.get(f"/accounts/invitations/{token}/").content.decode()
    assert client.post(f"/accounts/invitations/{token}/").status_code == 403


def test_it_answers_404_for_a_link_that_never_was(client: Client) -> None:
    assert client.get("/accounts/invitations/nonsense/").status_code == 404


def test_it_answers_410_for_a_link_that_was_used(team: Workspace, client: Client) -> None:
    invitation, token = offer(team, "new@example.com")
    expire(invitation)
    assert client.get(f"/accounts/invitations/{token}/").status_code == 410


def test_it_signs_an_invited_person_up_without_another_letter(team: Workspace, client: Client) -> None:
    _, token = offer(team, "new@example.com")
    link = f"/accounts/invitations/{token}/"
    client.get(link)
    form = {"email": "New@example.com", "password1": PASSWORD, "password2": PASSWORD, "next": link}
    answer = client.post("/accounts/signup/", form)
    assert (answer.status_code, answer["Location"]) == (302, link)
    assert client.post(link).status_code == 302
    user = User.objects.get(email="new@example.com")
    assert [member.workspace for member in Member.objects.filter(user=user)] == [team]


def test_it_still_asks_for_confirmation_of_another_address(team: Workspace, client: Client) -> None:
    _, token = offer(team, "new@example.com")
    client.get(f"/accounts/invitations/{token}/")
    form = {"email": "other@example.com", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/accounts/signup/", form)["Location"] == "/accounts/confirm-email/"
    user = User.objects.get(email="other@example.com")
    assert not EmailAddress.objects.get(user=user).verified
    assert Member.objects.get(user=user).role == Role.OWNER
