"""The life of a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from accounts import signals
from accounts.models import AuditEntry, Invitation, Member, Role, User, Workspace
from accounts.services import workspaces
from accounts.slugs import check_slug, new_slug
from moondev.lib.errors import Conflict, Forbidden, Invalid, NotFound, QuotaExhausted
from tests.accounts.conftest import give_plan, join, person, run
from tests.beside import start_beside

pytestmark = pytest.mark.django_db


class Heard:
    """The workspaces that a signal told about."""

    def __init__(self, signal: Any) -> None:
        self.calls: list[dict[str, Any]] = []
        signal.connect(self.hear)
        self.signal = signal

    def hear(self, **kwargs: Any) -> None:
        self.calls.append(kwargs)


@pytest.fixture
def closing() -> Iterator[Heard]:
    heard = Heard(signals.workspace_closing)
    yield heard
    heard.signal.disconnect(heard.hear)


@pytest.fixture
def leaving() -> Iterator[Heard]:
    heard = Heard(signals.member_left)
    yield heard
    heard.signal.disconnect(heard.hear)


def role(workspace: Workspace, user: User) -> str:
    return str(Member.objects.get(workspace=workspace, user=user).role)


# Slugs


def test_it_makes_a_slug_from_the_name_with_a_random_end() -> None:
    assert new_slug("Ólivia & Co").startswith("olivia-co-")
    assert new_slug("x") != new_slug("x")


def test_it_makes_a_slug_from_a_name_without_latin_letters() -> None:
    assert new_slug("月の開発").startswith("workspace-")


@pytest.mark.parametrize(
    "slug",
    ["default", "research", "backtests", "backtests_final", "execution_results", "charts", "0123456789abcdef", "A", ""],
)
def test_it_refuses_slugs_that_mean_something_else(slug: str) -> None:
    with pytest.raises(Invalid):
        check_slug(slug)


# Making


def test_it_makes_a_workspace_with_its_owner(sam: User) -> None:
    made = workspaces.create_workspace(owner=sam, name="  Sam's   lab ")
    assert (made.name, role(made, sam)) == ("Sam's lab", Role.OWNER)
    assert AuditEntry.objects.filter(action="workspace.created", workspace=made, actor=sam).exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b"])
def test_it_refuses_a_name_that_is_none(sam: User, name: str) -> None:
    with pytest.raises(Invalid):
        workspaces.create_workspace(owner=sam, name=name)


def test_it_refuses_a_second_workspace_on_free(strangers_workspace: Workspace, sam: User) -> None:
    with pytest.raises(QuotaExhausted):
        workspaces.create_workspace(owner=sam, name="Another")


def test_it_allows_three_workspaces_on_pro(strangers_workspace: Workspace, sam: User) -> None:
    give_plan(strangers_workspace, "pro")
    workspaces.create_workspace(owner=sam, name="Two")
    workspaces.create_workspace(owner=sam, name="Three")
    with pytest.raises(QuotaExhausted):
        workspaces.create_workspace(owner=sam, name="Four")


def test_it_keeps_the_slug_when_the_name_changes(team: Workspace, olivia: User) -> None:
    renamed = workspaces.rename_workspace(workspace=team, actor=olivia, name="New name")
    assert (renamed.slug, renamed.name) == ("olivia-co", "New name")


def test_it_keeps_a_member_and_a_stranger_from_renaming(team: Workspace, max: User, sam: User) -> None:
    with pytest.raises(Forbidden):
        workspaces.rename_workspace(workspace=team, actor=max, name="Mine")
    with pytest.raises(NotFound):
        workspaces.rename_workspace(workspace=team, actor=sam, name="Mine")


def test_it_sets_whether_members_have_keys(team: Workspace, olivia: User) -> None:
    workspaces.let_members_manage_keys(workspace=team, actor=olivia, allowed=False)
    team.refresh_from_db()
    assert team.members_manage_own_keys is False


# Handing over and leaving


def test_it_hands_a_workspace_over(team: Workspace, olivia: User, max: User) -> None:
    workspaces.transfer_ownership(workspace=team, actor=olivia, to=max)
    assert (role(team, max), role(team, olivia)) == (Role.OWNER, Role.ADMIN)


def test_it_tells_the_new_owner(
    team: Workspace, olivia: User, max: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        workspaces.transfer_ownership(workspace=team, actor=olivia, to=max)
    assert [letter.to for letter in mail.outbox] == [[max.email]]


def test_it_lets_only_the_owner_hand_over(team: Workspace, olivia: User, max: User) -> None:
    with pytest.raises(Forbidden):
        workspaces.transfer_ownership(workspace=team, actor=max, to=max)


def test_it_hands_over_to_members_only(team: Workspace, olivia: User, sam: User) -> None:
    with pytest.raises(NotFound):
        workspaces.transfer_ownership(workspace=team, actor=olivia, to=sam)
    with pytest.raises(Conflict):
        workspaces.transfer_ownership(workspace=team, actor=olivia, to=olivia)


def test_it_hands_over_only_what_the_new_owners_plan_allows(team: Workspace, olivia: User, max: User) -> None:
    for name in ("One", "Two", "Three"):
        join(Workspace.objects.create(slug=new_slug(name), name=name), max, Role.OWNER)
    with pytest.raises(QuotaExhausted):
        workspaces.transfer_ownership(workspace=team, actor=olivia, to=max)
    assert role(team, olivia) == Role.OWNER


def test_it_lets_the_database_refuse_a_second_owner(team: Workspace, sam: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        join(team, sam, Role.OWNER)


@pytest.mark.django_db(transaction=True)
def test_it_survives_two_transfers_at_once(team: Workspace, olivia: User, max: User) -> None:
    third = person("third@example.com")
    join(team, third)
    start, errors = Barrier(2), []

    def hand_over(to: User) -> None:
        start.wait()
        try:
            workspaces.transfer_ownership(workspace=team, actor=olivia, to=to)
        except (Forbidden, NotFound) as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=hand_over, args=(user,)) for user in (max, third)]
    run(threads)
    assert len(errors) == 1
    assert Member.objects.filter(workspace=team, role=Role.OWNER).count() == 1


@pytest.mark.django_db(transaction=True)
def test_it_counts_two_workspaces_that_are_handed_to_one_person_at_once(olivia: User, max: User, sam: User) -> None:
    """The second giver waits for the first to be committed, and is refused."""
    first, second = (Workspace.objects.create(slug=new_slug(name), name=name) for name in ("One", "Two"))
    for workspace, giver in ((first, olivia), (second, max)):
        join(workspace, giver, Role.OWNER)
        join(workspace, sam)
    with transaction.atomic():
        workspaces.transfer_ownership(workspace=first, actor=olivia, to=sam)
        other = start_beside(partial(workspaces.transfer_ownership, workspace=second, actor=max, to=sam))
    with pytest.raises(QuotaExhausted):
        other.result(30)
    assert workspaces.owned_by(sam) == 1


def test_it_lets_a_member_leave_and_says_so(team: Workspace, max: User, leaving: Heard) -> None:
    workspaces.leave_workspace(workspace=team, user=max)
    assert not Member.objects.filter(workspace=team, user=max).exists()
    assert [call["user_id"] for call in leaving.calls] == [max.pk]


def test_it_does_not_let_the_owner_leave(team: Workspace, olivia: User) -> None:
    with pytest.raises(Forbidden, match="Transfer it"):
        workspaces.leave_workspace(workspace=team, user=olivia)


# Closing


def test_it_closes_at_once_and_erases_in_thirty_days(
    team: Workspace,
    olivia: User,
    closing: Heard,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        closed = workspaces.close_workspace(workspace=team, actor=olivia)
    assert not closed.is_open
    assert closed.closed_at
    assert closed.erase_after == closed.closed_at + timedelta(days=30)
    assert [call["workspace"] for call in closing.calls] == [team]
    assert "erased on" in mail.outbox[0].body


def test_it_says_nothing_before_the_closing_is_committed(team: Workspace, olivia: User, closing: Heard) -> None:
    workspaces.close_workspace(workspace=team, actor=olivia)
    assert closing.calls == []


def test_it_changes_nothing_when_closed_twice(team: Workspace, olivia: User) -> None:
    first = workspaces.close_workspace(workspace=team, actor=olivia)
    assert workspaces.close_workspace(workspace=team, actor=olivia).erase_after == first.erase_after


def test_it_leaves_closing_to_the_owner_and_staff(team: Workspace, max: User, sam: User, rita: User) -> None:
    with pytest.raises(Forbidden):
        workspaces.close_workspace(workspace=team, actor=max)
    with pytest.raises(NotFound):
        workspaces.close_workspace(workspace=team, actor=sam)
    assert not workspaces.close_workspace(workspace=team, actor=rita).is_open


def test_it_takes_open_invitations_back_when_it_closes(team: Workspace, olivia: User) -> None:
    invitation = Invitation.objects.create(
        workspace=team, email="new@example.com", token_digest="0" * 64, expires_at=timezone.now() + timedelta(days=1)
    )
    workspaces.close_workspace(workspace=team, actor=olivia)
    invitation.refresh_from_db()
    assert invitation.revoked_at


@pytest.mark.parametrize("who", ["olivia", "rita"])
def test_it_reopens_until_the_day(team: Workspace, olivia: User, rita: User, who: str) -> None:
    workspaces.close_workspace(workspace=team, actor=olivia)
    reopened = workspaces.reopen_workspace(workspace=team, actor={"olivia": olivia, "rita": rita}[who])
    assert reopened.is_open
    assert reopened.erase_after is None


def test_it_does_not_reopen_after_the_day(team: Workspace, olivia: User) -> None:
    workspaces.close_workspace(workspace=team, actor=olivia)
    past = timezone.now() - timedelta(days=31)
    Workspace.objects.filter(pk=team.pk).update(closed_at=past, erase_after=past + timedelta(days=30))
    with pytest.raises(Conflict, match="30 days are over"):
        workspaces.reopen_workspace(workspace=team, actor=olivia)


def test_it_does_not_reopen_beyond_the_plan(strangers_workspace: Workspace, sam: User) -> None:
    workspaces.close_workspace(workspace=strangers_workspace, actor=sam)
    workspaces.create_workspace(owner=sam, name="Instead")
    with pytest.raises(QuotaExhausted):
        workspaces.reopen_workspace(workspace=strangers_workspace, actor=sam)


def test_staff_do_not_reopen_their_own_beyond_the_plan(rita: User) -> None:
    first = workspaces.create_workspace(owner=rita, name="First")
    workspaces.close_workspace(workspace=first, actor=rita)
    workspaces.create_workspace(owner=rita, name="Instead")
    with pytest.raises(QuotaExhausted):
        workspaces.reopen_workspace(workspace=first, actor=rita)


def test_it_changes_nothing_in_a_closed_workspace(team: Workspace, olivia: User) -> None:
    workspaces.close_workspace(workspace=team, actor=olivia)
    with pytest.raises(Conflict):
        workspaces.rename_workspace(workspace=team, actor=olivia, name="Too late")
