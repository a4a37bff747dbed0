"""OwnedModelAdmin on its own: rows, choices, filters, search, history and rights, for whatever model comes next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.contrib.admin import ModelAdmin as PlainAdmin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest
from django.test import RequestFactory

from accounts.models import Invitation, User, Workspace
from accounts.owned import OwnedModelAdmin
from accounts.roles import Deed
from billing.models import Entitlement, Plan
from gateway.models import ApiKey, KeySecret
from moondev.portal import PortalSite
from tests.cast import give_second_factor

Ask = Callable[[User | AnonymousUser], HttpRequest]


class KeysAdmin(OwnedModelAdmin):
    deeds: ClassVar = {"view": Deed.READ, "change": Deed.MANAGE}
    list_filter = ("created_by", "mode")
    search_fields = ("name",)

    def is_own(self, request: HttpRequest, obj: Any) -> bool:
        return bool(obj.created_by == request.user)


class SecretsAdmin(OwnedModelAdmin):
    workspace_path = "key__workspace"


class GrantsAdmin(OwnedModelAdmin):
    deeds: ClassVar = {"view": Deed.BILLING}
    shared_models: ClassVar = (Plan,)


@pytest.fixture
def site() -> PortalSite:
    site = PortalSite(name="portal")
    site.register(ApiKey, KeysAdmin)
    site.register(KeySecret, SecretsAdmin)
    site.register(Entitlement, GrantsAdmin)
    return site


@pytest.fixture
def ask(rf: RequestFactory) -> Ask:
    def build(user: User | AnonymousUser) -> HttpRequest:
        request = rf.get("/portal/")
        request.user = user
        request.session = {}  # type: ignore[assignment]
        return request

    return build


def admin_of(site: PortalSite, model: Any) -> Any:
    return site._registry[model]


def test_it_refuses_an_admin_that_does_not_scope() -> None:
    for wrong in (PlainAdmin, None):
        with pytest.raises(ImproperlyConfigured, match="OwnedModelAdmin"):
            PortalSite(name="portal").register(ApiKey, wrong)


def test_it_shows_the_workspaces_rows(
    site: PortalSite, ask: Ask, olivia: User, key: ApiKey, strangers_key: ApiKey
) -> None:
    assert list(admin_of(site, ApiKey).get_queryset(ask(olivia))) == [key]


def test_it_follows_a_path_to_the_workspace(
    site: PortalSite, ask: Ask, olivia: User, key: ApiKey, strangers_key: ApiKey
) -> None:
    admin, request = admin_of(site, KeySecret), ask(olivia)
    assert list(admin.get_queryset(request)) == [key.secrets.get()]
    assert admin.has_view_permission(request, key.secrets.get())
    assert not admin.has_view_permission(request, strangers_key.secrets.get())


def test_it_shows_nothing_without_a_workspace(site: PortalSite, ask: Ask, rita: User, key: ApiKey) -> None:
    for user in (rita, AnonymousUser()):
        assert not admin_of(site, ApiKey).get_queryset(ask(user)).exists()


def test_it_answers_404_for_a_strangers_object(
    site: PortalSite, ask: Ask, olivia: User, key: ApiKey, strangers_key: ApiKey
) -> None:
    admin = admin_of(site, ApiKey)
    assert admin.get_object(ask(olivia), str(key.pk)) == key
    for wrong in (strangers_key.pk, 2**40, "x"):
        with pytest.raises(Http404):
            admin.get_object(ask(olivia), str(wrong))


def test_it_answers_404_for_a_strangers_history(
    site: PortalSite, ask: Ask, olivia: User, team: Workspace, strangers_key: ApiKey
) -> None:
    with pytest.raises(Http404):
        admin_of(site, ApiKey).history_view(ask(olivia), str(strangers_key.pk))


def choices(site: PortalSite, model: Any, field: str, request: HttpRequest) -> set[Any]:
    """What a related field of the model offers in a form."""
    db_field = model._meta.get_field(field)
    return set(admin_of(site, model).formfield_for_dbfield(db_field, request).queryset)


def test_it_offers_the_workspaces_people(
    site: PortalSite, ask: Ask, olivia: User, max: User, key: ApiKey, strangers_key: ApiKey
) -> None:
    assert choices(site, ApiKey, "created_by", ask(olivia)) == {olivia, max}


def test_it_offers_the_current_workspace_alone(
    site: PortalSite, ask: Ask, olivia: User, team: Workspace, strangers_workspace: Workspace
) -> None:
    assert choices(site, ApiKey, "workspace", ask(olivia)) == {team}


def test_it_offers_the_rows_that_a_registered_admin_shows(
    site: PortalSite, ask: Ask, olivia: User, key: ApiKey, strangers_key: ApiKey
) -> None:
    assert choices(site, KeySecret, "key", ask(olivia)) == {key}


def test_it_offers_shared_tables_in_full_and_unknown_ones_not_at_all(
    site: PortalSite, ask: Ask, olivia: User, team: Workspace
) -> None:
    assert choices(site, Entitlement, "plan", ask(olivia)) == set(Plan.objects.all())
    admin = admin_of(site, Entitlement)
    unknown = LogEntry._meta.get_field("content_type")
    assert not admin.get_field_queryset(None, unknown, ask(olivia)).exists()


def test_it_narrows_a_related_filter_to_what_is_used(site: PortalSite, ask: Ask, olivia: User, key: ApiKey) -> None:
    assert admin_of(site, ApiKey).get_list_filter(ask(olivia)) == [("created_by", RelatedOnlyFieldListFilter), "mode"]


def test_it_searches_the_workspaces_rows(
    site: PortalSite, ask: Ask, olivia: User, key: ApiKey, strangers_key: ApiKey
) -> None:
    admin, request = admin_of(site, ApiKey), ask(olivia)
    found, _ = admin.get_search_results(request, admin.get_queryset(request), "bot")
    assert list(found) == [key]


def test_it_deletes_and_saves_nothing_by_itself(site: PortalSite, ask: Ask, olivia: User, key: ApiKey) -> None:
    admin, request = admin_of(site, ApiKey), ask(olivia)
    assert "delete_selected" not in admin.get_actions(request)
    with pytest.raises(ImproperlyConfigured):
        admin.save_model(request, key, None, True)
    with pytest.raises(ImproperlyConfigured):
        admin.delete_model(request, key)
    with pytest.raises(ImproperlyConfigured):
        admin.delete_queryset(request, ApiKey.objects.all())


def test_it_gives_rights_by_role(site: PortalSite, ask: Ask, olivia: User, max: User, key: ApiKey) -> None:
    admin = admin_of(site, ApiKey)
    assert admin.has_view_permission(ask(max), key)
    assert not admin.has_change_permission(ask(max), key)
    assert admin.has_change_permission(ask(olivia), key)
    assert not admin.has_delete_permission(ask(olivia), key)
    assert not admin.has_add_permission(ask(olivia))
    assert not admin_of(site, Entitlement).has_module_permission(ask(max))


def test_it_gives_no_right_on_a_strangers_object(
    site: PortalSite, ask: Ask, olivia: User, key: ApiKey, strangers_key: ApiKey
) -> None:
    admin = admin_of(site, ApiKey)
    assert not admin.has_view_permission(ask(olivia), strangers_key)
    assert not admin.has_change_permission(ask(olivia), strangers_key)


def test_it_lets_acting_staff_only_look(site: PortalSite, ask: Ask, rita: User, team: Workspace, key: ApiKey) -> None:
    give_second_factor(rita)
    request = ask(rita)
    request.session["acting_as"] = team.pk
    admin = admin_of(site, ApiKey)
    assert admin.has_view_permission(request, key)
    assert not admin.has_change_permission(request, key)


def test_it_scopes_invitations_too(
    site: PortalSite, ask: Ask, sam: User, strangers_workspace: Workspace, offer: Invitation
) -> None:
    site.register(Invitation, OwnedModelAdmin)
    assert not admin_of(site, Invitation).get_queryset(ask(sam)).exists()
