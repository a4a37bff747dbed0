"""People as staff see them. Who may do what on this site is a superuser's to say; tenants' rights are nobody's here."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.sites import AdminSite
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts import audit
from accounts.models import Member, User
from accounts.staff.base import StaffAdmin, StaffInline, staff_of
from accounts.staff.days import DaysFilter

# Only a superuser gives rights on this site.
RIGHTS = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")


class MembershipInline(StaffInline):
    """The workspaces of a person; roles change in the portal, by the workspace's owner."""

    model = Member
    fk_name = "user"
    verbose_name_plural = "workspaces"
    fields = readonly_fields = ("workspace", "role", "joined_at")
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        return super().get_queryset(request).select_related("workspace", "user")


class UserStaff(StaffAdmin):
    """People: who they are, whether they may come in, and what they may do on this site."""

    list_display = (
        "email",
        "name",
        "is_verified",
        "has_second_factor",
        "is_active",
        "is_staff",
        "last_login",
        "date_joined",
    )
    list_filter = ("is_active", "is_staff", "is_superuser", ("date_joined", DaysFilter))
    search_fields = ("email", "name")
    ordering = ("-date_joined",)
    inlines = (MembershipInline,)
    readonly_fields = ("email", "is_verified", "has_second_factor", "last_login", "date_joined")
    fieldsets = (
        (
            "Person",
            {"fields": ("email", "name", "time_zone", "is_verified", "has_second_factor", "last_login", "date_joined")},
        ),
        (
            "Access",
            {
                "fields": ("is_active", "is_staff", "is_superuser"),
                "description": "An inactive person is logged out at once; the keys of their workspaces go on. "
                "Staff need a second factor and, unless superuser, the permissions below.",
            },
        ),
        ("Permissions on this site", {"fields": ("groups", "user_permissions")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        verified = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
        second = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
        people: QuerySet[User] = super().get_queryset(request)
        return people.annotate(verified=Exists(verified), second_factor=Exists(second))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return self.readonly_fields if staff_of(request).is_superuser else (*self.readonly_fields, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only a superuser changes staff; nobody changes their own rights."""
        if obj is not None and obj.is_staff and not (staff_of(request).is_superuser and obj != request.user):
            return False
        return self.has_deed_permission(request)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user_permissions":
            kwargs["queryset"] = permissions_on(self.admin_site)
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_form(self, request: HttpRequest, form: ModelForm[User], change: bool) -> Any:
        # Read before save_model: by then the row holds the new values.
        form.before = _rights_of(User.objects.get(pk=form.instance.pk))  # type: ignore[attr-defined]
        return super().save_form(request, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        after = _rights_of(User.objects.get(pk=form.instance.pk))
        changed = {name: [form.before[name], after[name]] for name in after if form.before[name] != after[name]}
        if changed:
            audit.record(action="user.changed", actor=staff_of(request), target=form.instance.email, changed=changed)

    @display(description="E-mail verified", boolean=True, ordering="verified")
    def is_verified(self, person: User) -> bool:
        return bool(person.verified)  # type: ignore[attr-defined]

    @display(description="Second factor", boolean=True, ordering="second_factor")
    def has_second_factor(self, person: User) -> bool:
        return bool(person.second_factor)  # type: ignore[attr-defined]


def _rights_of(person: User) -> dict[str, Any]:
    """What an edit on this page can change, as the audit log stores it."""
    return {
        "name": person.name,
        "time_zone": person.time_zone,
        "is_active": person.is_active,
        "is_staff": person.is_staff,
        "is_superuser": person.is_superuser,
        "groups": sorted(person.groups.values_list("name", flat=True)),
        "user_permissions": sorted(person.user_permissions.values_list("codename", flat=True)),
    }


class GroupStaff(StaffAdmin):
    """Groups of permissions for staff who are not superusers. Only a superuser makes and changes them."""

    list_display = ("name",)
    search_fields = ("name",)
    ordering = ("name",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_of(request).is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_of(request).is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_of(request).is_superuser

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = permissions_on(self.admin_site)
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        permissions = sorted(form.instance.permissions.values_list("codename", flat=True))
        audit.record(
            action="group.changed", actor=staff_of(request), target=form.instance.name, permissions=permissions
        )

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        audit.record(action="group.removed", actor=staff_of(request), target=obj.name)
        super().delete_model(request, obj)


def permissions_on(site: AdminSite) -> QuerySet[Permission]:
    """The permissions that mean something on a site: those of its models."""
    types = ContentType.objects.get_for_models(*site._registry, for_concrete_models=False).values()
    return Permission.objects.filter(content_type__in=types).select_related("content_type")
