"""Looking at a customer's portal: everything is seen, nothing is changed, and it is written down."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import URLPattern, reverse

from accounts.current import ACTING_NEEDS
from accounts.models import AuditEntry, User, Workspace
from tests.staff.conftest import Login, page

pytestmark = [pytest.mark.django_db, pytest.mark.slow(0.5)]
UNSAFE = ("post", "put", "patch", "delete")


@pytest.fixture
def acting(desk: Client, workspace: Workspace) -> Client:
    answer = desk.post(page(Workspace, "act_as", workspace.pk), {"reason": "ticket 12"})
    assert (answer.status_code, answer["Location"]) == (302, "/portal/")
    return desk


def portal_addresses(workspace: Workspace) -> list[str]:
    """Every address of the portal, with ids of any number for the parts that need one."""
    from moondev.portal import portal_site

    found = []
    for pattern in portal_site.get_urls():
        if isinstance(pattern, URLPattern) and pattern.name and pattern.name not in {"login", "logout"}:
            kwargs = {
                name: workspace.pk if "int" in type(c).__name__.lower() else "x"
                for name, c in pattern.pattern.converters.items()
            }
            found.append(reverse(f"portal:{pattern.name}", kwargs=kwargs))
    return found


def test_it_opens_the_customers_portal_with_a_banner_that_ends_it(acting: Client, workspace: Workspace) -> None:
    text = acting.get("/portal/").content.decode()
    assert "Olivia &amp; Co" in text
    assert reverse("accounts:stop_acting") in text


def test_the_reason_and_the_looker_are_audited(acting: Client, workspace: Workspace, rita: User) -> None:
    entry = AuditEntry.objects.get(action="staff.acting_started")
    assert (entry.workspace, entry.actor, entry.data) == (workspace, rita, {"reason": "ticket 12"})


def test_it_needs_a_reason_and_a_post(desk: Client, workspace: Workspace) -> None:
    address = page(Workspace, "act_as", workspace.pk)
    desk.get(address)
    desk.post(address, {"reason": " "})
    assert "acting_as" not in desk.session


@pytest.mark.parametrize("method", UNSAFE)
def test_nothing_of_the_portal_can_be_changed(method: str, acting: Client, workspace: Workspace) -> None:
    before = AuditEntry.objects.count()
    answers = {address: getattr(acting, method)(address).status_code for address in portal_addresses(workspace)}
    assert len(answers) > 10
    assert set(answers.values()) <= {403, 405}, answers
    if method == "post":
        assert 403 in answers.values()
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("method", UNSAFE)
def test_nothing_of_the_api_can_be_changed(method: str, acting: Client) -> None:
    assert getattr(acting, method)("/plans").status_code == 403


def test_the_staff_site_goes_on_meanwhile(acting: Client, workspace: Workspace) -> None:
    assert acting.post(page(Workspace, "close", workspace.pk), {"reason": "fraud"}).status_code == 302


def test_it_ends_at_the_press_of_a_button(acting: Client) -> None:
    assert acting.post(reverse("accounts:stop_acting")).status_code == 302
    assert "acting_as" not in acting.session
    assert "Olivia" not in acting.get("/portal/").content.decode()


@pytest.mark.parametrize("left_out", ACTING_NEEDS)
def test_only_who_may_see_all_of_it_acts(left_out: str, clerk: Any, workspace: Workspace) -> None:
    browser = clerk(*(need for need in ACTING_NEEDS if need != left_out))
    assert browser.post(page(Workspace, "act_as", workspace.pk), {"reason": "curious"}).status_code == 403


def test_who_may_see_all_of_it_acts_and_needs_no_more(clerk: Any, workspace: Workspace) -> None:
    browser = clerk(*ACTING_NEEDS)
    assert browser.post(page(Workspace, "act_as", workspace.pk), {"reason": "a question"}).status_code == 302


def test_it_ends_with_the_right_to_look(clerk: Any, workspace: Workspace) -> None:
    browser = clerk(*ACTING_NEEDS)
    browser.post(page(Workspace, "act_as", workspace.pk), {"reason": "a question"})
    assert "Olivia" in browser.get("/portal/").content.decode()
    taken = Permission.objects.get(content_type__app_label="backtests", codename="view_run")
    User.objects.get(email="carl@example.com").user_permissions.remove(taken)
    assert "Olivia" not in browser.get("/portal/").content.decode()


def test_it_ends_with_the_second_factor(acting: Client, rita: User) -> None:
    Authenticator.objects.filter(user=rita).delete()
    assert "Olivia" not in acting.get("/portal/").content.decode()


def test_a_forged_session_key_gives_a_customer_nothing(login: Login, sam: User, workspace: Workspace) -> None:
    browser = login(sam)
    session = browser.session
    session["acting_as"] = workspace.pk
    session.save()
    assert not re.search("Olivia", browser.get("/portal/").content.decode())
