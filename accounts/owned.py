"""The one base of every ModelAdmin on the portal: it shows a person nothing but their current workspace's rows.

Queryset, foreign-key choices, related filters, autocomplete, search, actions, object access and history all start from
`get_queryset`; a stranger's id is 404. Rights come from the member's role, never from Django's permission table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib.admin import RelatedOnlyFieldListFilter
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.db.models import Field, ForeignKey, ManyToManyField, Model, QuerySet
from django.http import Http404, HttpRequest
from unfold.admin import ModelAdmin

from accounts.current import is_acting, member_of
from accounts.models import Member, User, Workspace
from accounts.portal.pages import Page
from accounts.roles import Deed, may


class OwnedModelAdmin(ModelAdmin):
    """Scopes a model to the current workspace.

    `workspace_path` is the lookup from the model to its workspace. `deeds` says which row of the role table each of
    "view", "add", "change" and "delete" is; a right that is left out is nobody's. `shared_models` are tables without
    an owner, as plans, that choices may name in full.
    """

    workspace_path: ClassVar[str] = "workspace"
    deeds: ClassVar[Mapping[str, Deed]] = {"view": Deed.READ}
    shared_models: ClassVar[tuple[type[Model], ...]] = ()

    def portal_pages(self) -> tuple[Page, ...]:
        """The addresses of this model on the portal; the site mounts these and none of Django's generic ones."""
        return ()

    # Rows ---------------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        member = member_of(request)
        rows = super().get_queryset(request)
        return rows.filter(**{self.workspace_path: member.workspace_id}) if member else rows.none()

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row, or 404: Django's own answer, a redirect with a message, would say that ids are looked up."""
        # PostgreSQL takes no text with this character.
        found = None if "\0" in object_id else super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def owned(self, request: HttpRequest, object_id: int) -> Any:
        """The current workspace's row with this id, for the model's own pages."""
        return self.get_object(request, str(object_id))

    # Choices ------------------------------------------------------------------------------------------------------

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """What a related field may offer; the widget, the form's validation and the filter all use it."""
        model: type[Model] = db_field.remote_field.model
        rows = model._default_manager.using(db)
        member = member_of(request)
        if model in self.shared_models:
            return rows.all()
        return self._scope_choices(rows.all(), model, member, request) if member else rows.none()

    def _scope_choices(
        self, rows: QuerySet[Any], model: type[Model], member: Member, request: HttpRequest
    ) -> QuerySet[Any]:
        if model is Workspace:
            return rows.filter(pk=member.workspace_id)
        if model is User:
            return rows.filter(memberships__workspace=member.workspace_id)
        owner = self.admin_site._registry.get(model)
        if isinstance(owner, OwnedModelAdmin):
            return owner.get_queryset(request)
        if _has_field(model, "workspace"):
            return rows.filter(workspace=member.workspace_id)
        return rows.none()

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any], request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = self.get_field_queryset(kwargs.get("using"), db_field, request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = self.get_field_queryset(kwargs.get("using"), db_field, request)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_list_filter(self, request: HttpRequest) -> Any:
        """A filter over a related model offers only what the scoped rows use."""
        return [self._narrow(item) for item in super().get_list_filter(request)]

    def _narrow(self, item: Any) -> Any:
        if isinstance(item, str) and _is_relation(self.model, item):
            return (item, RelatedOnlyFieldListFilter)
        return item

    # Deeds --------------------------------------------------------------------------------------------------------

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        raise ImproperlyConfigured(
            f"{type(self).__name__} writes through a service; override save_model with its call."
        )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        raise ImproperlyConfigured(f"{type(self).__name__} deletes through a service; override delete_model.")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        raise ImproperlyConfigured("Nothing is deleted in bulk on the portal.")

    # Rights -------------------------------------------------------------------------------------------------------

    def may(self, request: HttpRequest, right: str, obj: Any = None) -> bool:
        """Whether the member has a right, on `obj` if given. Staff who look at a customer's portal only view."""
        member, deed = member_of(request), self.deeds.get(right)
        if member is None or deed is None or (right != "view" and is_acting(request)):
            return False
        if obj is not None and _workspace_id(obj, self.workspace_path) != member.workspace_id:
            return False
        allowed = member.workspace.members_manage_own_keys
        return may(member.role, deed, own=obj is None or self.is_own(request, obj), members_allowed=allowed)

    def is_own(self, request: HttpRequest, obj: Any) -> bool:
        """Whether a row counts as the person's own where their role reaches only those; models with owners say so."""
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "view")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "view", obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "delete", obj)


def _workspace_id(obj: Model, path: str) -> Any:
    """Follow a lookup path over foreign keys; the last step reads the column, not the row."""
    *steps, last = path.split("__")
    target: Any = obj
    for step in steps:
        target = getattr(target, step)
    if isinstance(target, Workspace) and last in {"pk", "id"}:
        return target.pk
    return getattr(target, f"{last}_id", None) if _has_field(type(target), last) else getattr(target, last)


def _field(model: type[Model], name: str) -> Field[Any, Any] | None:
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, Field) else None


def _has_field(model: type[Model], name: str) -> bool:
    return _field(model, name) is not None


def _is_relation(model: type[Model], name: str) -> bool:
    field = _field(model, name)
    return field is not None and field.is_relation
