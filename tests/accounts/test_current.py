"""Which workspace a session acts in, and staff looking at a customer's portal."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.current import ACTING, is_acting, member_of, start_acting, stop_acting, switch_workspace
from accounts.models import AuditEntry, Member, Role, User, Workspace
from accounts.services import workspaces
from moondev.lib.errors import Forbidden, NotFound
from tests.accounts.conftest import join
from tests.cast import give_second_factor

pytestmark = pytest.mark.django_db


def request_of(user: User | AnonymousUser) -> HttpRequest:
    request = HttpRequest()
    request.user = user
    request.session = SessionStore()
    return request


def workspace_of(request: HttpRequest) -> Workspace | None:
    member = member_of(request)
    return member.workspace if member else None


@pytest.fixture
def second(workspace: Workspace, max: User) -> Workspace:
    """A workspace of max's own, younger than his place in olivia's."""
    made = Workspace.objects.create(slug="max-co", name="Max & Co")
    join(made, max, Role.OWNER)
    return made


def test_it_knows_nobody_without_a_session() -> None:
    assert member_of(request_of(AnonymousUser())) is None


def test_it_knows_nobody_without_a_workspace(sam: User) -> None:
    assert member_of(request_of(sam)) is None


def test_it_starts_in_the_workspace_joined_first(workspace: Workspace, second: Workspace, max: User) -> None:
    assert workspace_of(request_of(max)) == workspace


def test_it_prefers_an_open_workspace(workspace: Workspace, second: Workspace, max: User, olivia: User) -> None:
    workspaces.close_workspace(workspace=workspace, actor=olivia)
    assert workspace_of(request_of(max)) == second


def test_it_keeps_the_chosen_workspace(workspace: Workspace, second: Workspace, max: User) -> None:
    request = request_of(max)
    switch_workspace(request, second)
    assert workspace_of(request) == second


def test_it_switches_to_ones_own_only(workspace: Workspace, max: User, strangers_workspace: Workspace) -> None:
    request = request_of(max)
    with pytest.raises(NotFound):
        switch_workspace(request, strangers_workspace)
    assert workspace_of(request) == workspace


def test_it_leaves_a_workspace_that_one_no_longer_belongs_to(
    workspace: Workspace, second: Workspace, max: User
) -> None:
    request = request_of(max)
    switch_workspace(request, second)
    Member.objects.filter(workspace=second, user=max).delete()
    delattr(request, "_member") if hasattr(request, "_member") else None
    assert workspace_of(request) == workspace


def test_it_asks_once_a_request(workspace: Workspace, max: User) -> None:
    request = request_of(max)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert member_of(request) == member_of(request)
    assert len(queries) == 1


def test_it_knows_nobody_whose_login_is_switched_off(workspace: Workspace, max: User) -> None:
    max.is_active = False
    assert member_of(request_of(max)) is None


# Acting


@pytest.fixture
def rita(rita: User) -> User:
    """Rita with a second factor."""
    give_second_factor(rita)
    return rita


def test_it_lets_staff_see_as_an_owner_and_writes_it_down(workspace: Workspace, rita: User) -> None:
    request = request_of(rita)
    start_acting(request, workspace)
    member = member_of(request)
    assert is_acting(request)
    assert member
    assert member.workspace == workspace
    assert member.role == Role.OWNER
    assert member._state.adding
    assert AuditEntry.objects.filter(action="workspace.viewed_by_staff", actor=rita, workspace=workspace).exists()


def test_it_lets_nobody_else_act(workspace: Workspace, sam: User) -> None:
    request = request_of(sam)
    with pytest.raises(Forbidden):
        start_acting(request, workspace)
    request.session[ACTING] = workspace.pk
    assert not is_acting(request)
    assert member_of(request) is None


def test_it_lets_no_staff_act_without_a_second_factor(workspace: Workspace, rita: User) -> None:
    Authenticator.objects.filter(user=rita).delete()
    with pytest.raises(Forbidden):
        start_acting(request_of(rita), workspace)


def test_it_goes_back(workspace: Workspace, rita: User) -> None:
    request = request_of(rita)
    start_acting(request, workspace)
    stop_acting(request)
    assert (is_acting(request), member_of(request)) == (False, None)


def test_it_stops_acting_when_the_workspace_is_gone(workspace: Workspace, rita: User) -> None:
    request = request_of(rita)
    start_acting(request, workspace)
    past = timezone.now() - timedelta(days=1)
    Workspace.objects.filter(pk=workspace.pk).update(closed_at=past, erase_after=past, erased_at=past)
    delattr(request, "_member") if hasattr(request, "_member") else None
    assert member_of(request) is None
    assert not is_acting(request)


@pytest.fixture
def acting(client: Client, workspace: Workspace, rita: User) -> Client:
    client.force_login(rita)
    session = client.session
    session[ACTING] = workspace.pk
    session.save()
    return client


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_changes_nothing_while_acting(acting: Client, method: str) -> None:
    answer = getattr(acting, method)("/accounts/password/change/")
    assert answer.status_code == 403
    assert "looking at a customer" in answer.content.decode()


def test_it_still_shows_pages_while_acting(acting: Client) -> None:
    assert acting.get("/accounts/sessions/").status_code == 200


def test_it_lets_acting_staff_out(acting: Client) -> None:
    assert acting.post("/accounts/acting/stop/").status_code == 302
    assert ACTING not in acting.session


def test_it_lets_acting_staff_log_out(acting: Client) -> None:
    assert acting.post("/accounts/logout/").status_code == 302
    assert "_auth_user_id" not in acting.session


def test_it_tells_programs_in_their_form_that_acting_changes_nothing(acting: Client) -> None:
    answer = acting.post("/whoami")
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert "looking at a customer" in answer.json()["detail"]


def test_it_writes_down_once_a_minute_when_a_session_was_seen(olivia: User, workspace: Workspace) -> None:
    browser = Client()
    browser.force_login(olivia, backend="allauth.account.auth_backends.AuthenticationBackend")

    def seen(at: datetime, agent: str = "Fox") -> bool:
        """Whether a session that was seen then is seen again by the next request."""
        UserSession.objects.update(last_seen_at=at)
        browser.get("/portal/", headers={"User-Agent": agent})
        return bool(UserSession.objects.get().last_seen_at != at)

    browser.get("/portal/", headers={"User-Agent": "Fox"})
    lately, earlier = timezone.now() - timedelta(seconds=30), timezone.now() - timedelta(seconds=90)
    assert [seen(lately), seen(earlier), seen(lately, "Bear")] == [False, True, True]
    assert UserSession.objects.get().user_agent == "Bear"
