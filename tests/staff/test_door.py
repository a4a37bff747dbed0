"""Who comes in at /admin/: staff with a second factor, and nobody else, at any address, by any method."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import AuditEntry, Invitation, User, Workspace
from billing.models import AddOn, Case, Entitlement, Plan, StripeEvent, Subscription
from gateway.models import ApiKey, Usage
from tests.staff.conftest import Login, addresses, page

pytestmark = [pytest.mark.django_db, pytest.mark.slow(1)]
METHODS = ("get", "post", "put", "patch", "delete")
DOOR = "/admin/login/"


def asked(browser: Client, rows: Any) -> Iterator[tuple[str, str, Any]]:
    """(method, address, answer) of every method at every address of the site."""
    for address in addresses(rows):
        for method in METHODS:
            yield method, address, getattr(browser, method)(address)


@pytest.mark.slow
def test_a_passer_by_is_sent_to_the_one_door(client: Client, rows: Any) -> None:
    for method, address, answer in asked(client, rows):
        assert answer.status_code == 302, (method, address)
        assert answer["Location"].startswith((DOOR, reverse("account_login"))), (method, address)


def test_logging_out_is_a_post_and_ends_at_the_door(desk: Client) -> None:
    assert desk.get("/admin/logout/").status_code == 405
    assert desk.post("/admin/logout/")["Location"] == reverse("account_login")
    assert desk.get("/admin/").status_code == 302


@pytest.mark.slow
def test_a_customer_is_refused(login: Login, olivia: User, rows: Any) -> None:
    answers = asked(login(olivia), rows)
    assert [(method, address) for method, address, answer in answers if answer.status_code != 403] == []


@pytest.mark.slow
def test_staff_without_a_second_factor_are_sent_to_set_one_up(login: Login, rita: User, rows: Any) -> None:
    for method, address, answer in asked(login(rita), rows):
        told = (answer.status_code, answer["Location"])
        assert told == (302, reverse("mfa_activate_totp")), (method, address)


def test_recovery_codes_alone_are_no_second_factor(login: Login, rita: User) -> None:
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=rita, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "", "used_mask": 0})
    assert login(rita).get("/admin/").status_code == 302


def test_with_debug_on_a_second_factor_is_not_asked_for(login: Login, rita: User, settings: Settings) -> None:
    settings.DEBUG = True
    assert login(rita).get("/admin/").status_code == 200


def test_what_is_refused_here_speaks_of_this_site(desk: Client) -> None:
    for address, status in (("/admin/accounts/user/add/", 403), ("/admin/nowhere/", 404)):
        answer = desk.get(address)
        text = answer.content.decode()
        assert (answer.status_code, 'href="/admin/"' in text, "workspace" in text) == (status, True, False)


def test_a_right_password_gives_no_session_here(client: Client, rita: User) -> None:
    answer = client.post(DOOR, {"username": rita.email, "password": "correct horse battery"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_staff_who_are_dismissed_are_out_at_once(desk: Client, rita: User) -> None:
    assert desk.get("/admin/").status_code == 200
    User.objects.filter(pk=rita.pk).update(is_staff=False)
    assert desk.get("/admin/").status_code == 403
    User.objects.filter(pk=rita.pk).update(is_staff=True, is_active=False)
    assert desk.get("/admin/").status_code == 302


@pytest.mark.slow
def test_every_page_opens_for_rita_without_an_inline_script(desk: Client, rows: Any) -> None:
    for address in opened(rows):
        answer = desk.get(address)
        assert answer.status_code == 200, address
        text = answer.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), address
        assert not re.search(r"\son(click|load|submit|change)=", text), address
        assert "'unsafe-inline'" not in answer["Content-Security-Policy"].split("script-src")[1].split(";")[0]


def opened(rows: Any) -> list[str]:
    """What a superuser can look at."""
    payment = (AddOn, Subscription, Case, StripeEvent)
    models = (Workspace, User, Group, Invitation, AuditEntry, Plan, Entitlement, ApiKey, *payment)
    lists = [page(model, "changelist") for model in (*models, Usage)]
    details = [page(model, "change", rows[model].pk) for model in models]
    deeds = [page(Workspace, name, rows[Workspace].pk) for name in ("billing", "grant_plan", "act_as", "close")]
    deeds += [page(ApiKey, name, rows[ApiKey].pk) for name in ("override", "disable", "revoke")]
    deeds += [page(Entitlement, "end", rows[Entitlement].pk), page(Entitlement, "add"), page(Group, "add")]
    deeds += [page(Subscription, "cancel", rows[Subscription].pk), reverse("staff:billing_revenue"), page(AddOn, "add")]
    deeds += [page(Case, "close", rows[Case].pk), page(StripeEvent, "replay", rows[StripeEvent].pk)]
    deeds += [page(Entitlement, "extend", rows[Entitlement].pk)]
    return [reverse("staff:index"), *lists, *details, *deeds]


def test_nothing_of_a_customer_is_made_or_deleted_here(desk: Client, rows: Any) -> None:
    """No key, no member, no workspace: whoever works here cannot give themselves a tenant's rights."""
    for model in (Workspace, User, Invitation, AuditEntry, ApiKey, Subscription, Case, StripeEvent):
        assert desk.post(page(model, "add"), {"name": "mine"}).status_code == 403
        assert desk.post(page(model, "delete", rows[model].pk), {"post": "yes"}).status_code == 403
    assert desk.post(page(Entitlement, "delete", rows[Entitlement].pk), {"post": "yes"}).status_code == 403
    assert desk.post(page(Workspace, "change", rows[Workspace].pk), {"name": "mine"}).status_code == 403
    assert desk.post(page(ApiKey, "change", rows[ApiKey].pk), {"name": "mine"}).status_code == 403
    assert desk.post(page(AuditEntry, "change", rows[AuditEntry].pk), {"action": "nothing"}).status_code == 403


def test_a_clerk_without_permissions_sees_an_empty_desk(clerk: Callable[..., Client], rows: Any) -> None:
    browser = clerk()
    assert b"no permission was given to you yet" in browser.get("/admin/").content
    for address in opened(rows)[1:]:
        assert browser.get(address).status_code == 403, address


def test_a_clerk_sees_what_they_may_view_and_does_nothing_else(clerk: Callable[..., Client], rows: Any) -> None:
    browser = clerk("billing.view_plan", "accounts.view_workspace", "gateway.view_apikey")
    front = browser.get("/admin/").content.decode()
    assert page(Plan, "changelist") in front
    assert page(AuditEntry, "changelist") not in front
    assert browser.get(page(Workspace, "change", rows[Workspace].pk)).status_code == 200
    assert browser.post(page(Plan, "change", "pro"), {"alerts": 1}).status_code == 403
    for name in ("grant_plan", "act_as", "close"):
        assert browser.post(page(Workspace, name, rows[Workspace].pk), {"reason": "x"}).status_code == 403
    for name in ("override", "disable", "revoke"):
        assert browser.post(page(ApiKey, name, rows[ApiKey].pk), {"reason": "x"}).status_code == 403


def test_a_clerk_gives_nobody_rights(clerk: Callable[..., Client], olivia: User, rita: User) -> None:
    browser = clerk("accounts.view_user", "accounts.change_user", "auth.view_group", "auth.change_group")
    group = Group.objects.create(name="Support")
    form = {"name": "Liv", "time_zone": "UTC", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    assert browser.post(page(User, "change", olivia.pk), form).status_code == 302
    olivia.refresh_from_db()
    assert (olivia.name, olivia.is_staff, olivia.is_superuser) == ("Liv", False, False)
    me = User.objects.get(email="carl@example.com")
    for colleague in (rita, me):
        assert browser.post(page(User, "change", colleague.pk), form).status_code == 403
    assert browser.post(page(Group, "change", group.pk), {"name": "Mine"}).status_code == 403


def test_an_unknown_row_is_404(desk: Client) -> None:
    for model in (Workspace, ApiKey, Entitlement):
        assert desk.get(page(model, "change", 999_999)).status_code == 404
    assert desk.post(page(Entitlement, "end", 999_999)).status_code in {403, 404}
    for address in (page(Entitlement, "extend", "word"), page(Case, "close", "word"), page(ApiKey, "revoke", "word")):
        assert desk.get(address).status_code == 404, address
    assert desk.get("/admin/nowhere/").status_code == 404
