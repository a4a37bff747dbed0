"""Workspaces as staff see them: state, owner, members. Apps above add what they know (plan, keys, usage)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from accounts import audit
from accounts.models import Member, Role, Workspace
from accounts.services import workspaces
from accounts.staff.base import Deed, StaffAdmin, StaffInline, WithReason, button, staff_of
from accounts.staff.days import DaysFilter

LABELS = {"open": "success", "closed": "warning", "erased": "danger"}


class MemberInline(StaffInline):
    """Roles change in the portal, by the owner; staff only look."""

    model = Member
    fields = readonly_fields = ("user", "role", "joined_at")
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        return super().get_queryset(request).select_related("user", "workspace")


class StateFilter(DropdownFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("closed", "Closed, can be reopened"), ("erased", "Erased")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Workspace]) -> QuerySet[Workspace]:
        states = {
            "open": Q(closed_at=None),
            "closed": Q(closed_at__isnull=False, erased_at=None),
            "erased": Q(erased_at__isnull=False),
        }
        chosen = states.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(chosen)


class WorkspaceStaff(StaffAdmin):
    """Tenants. Nothing of a tenant is changed here but its closing."""

    list_display: Any = ("name", "slug", "owner", "state", "member_count", "created_at")
    list_filter: ClassVar[tuple[Any, ...]] = (StateFilter, ("created_at", DaysFilter))
    search_fields = ("name", "slug", "members__user__email")
    ordering = ("-created_at", "-id")
    inlines: ClassVar[tuple[Any, ...]] = (MemberInline,)
    readonly_fields: ClassVar[tuple[str, ...]] = (
        "name",
        "slug",
        "state",
        "owner",
        "created_at",
        "members_manage_own_keys",
        "closed_at",
        "erase_after",
        "erased_at",
    )
    actions_detail: Any = ("close", "reopen")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workspace]:
        owners = Member.objects.filter(workspace=OuterRef("pk"), role=Role.OWNER)
        rows: QuerySet[Workspace] = super().get_queryset(request)
        members = Member.objects.filter(workspace=OuterRef("pk")).order_by().values("workspace").annotate(n=Count("pk"))
        return rows.annotate(
            owner_email=Subquery(owners.values("user__email")[:1]), member_count=Subquery(members.values("n"))
        )

    @display(description="Owner", ordering="owner_email")
    def owner(self, row: Workspace) -> str:
        return str(row.owner_email or "–")  # type: ignore[attr-defined]

    @display(description="Members", ordering="member_count")
    def member_count(self, row: Workspace) -> int:
        return int(row.member_count or 0)  # type: ignore[attr-defined]

    @display(description="State", label=LABELS)
    def state(self, row: Workspace) -> str:
        if row.erased_at:
            return "erased"
        return "open" if row.is_open else "closed"

    @button(
        "Close workspace",
        url_path="close",
        permissions=(
            "deed",
            "open_row",
        ),
    )
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def run(row: Workspace, values: dict[str, Any]) -> str:
            workspaces.close_workspace(workspace=row, actor=staff_of(request))
            self.explain(request, row, "workspace.closed_by_staff", values)
            return f"{row.name} is closed. Its keys stopped; it can be reopened for 30 days."

        text = "Its keys, runs and alerts stop at once. Its data is erased after 30 days unless it is reopened."
        return self.perform(
            request, object_id, Deed("Close this workspace?", text, "Close workspace", WithReason, run, is_grave=True)
        )

    @button(
        "Reopen",
        url_path="reopen",
        permissions=(
            "deed",
            "closed_row",
        ),
    )
    def reopen(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def run(row: Workspace, values: dict[str, Any]) -> str:
            workspaces.reopen_workspace(workspace=row, actor=staff_of(request))
            self.explain(request, row, "workspace.reopened_by_staff", values)
            return f"{row.name} is open again."

        text = "Its keys work again at once, with the plan it has today."
        return self.perform(request, object_id, Deed("Reopen this workspace?", text, "Reopen", WithReason, run))

    def explain(self, request: HttpRequest, row: Workspace, deed: str, values: dict[str, Any]) -> None:
        """Put the given reason into the audit log, next to the line of the service."""
        audit.record(action=deed, workspace=row, actor=staff_of(request), target=row.slug, reason=values["reason"])

    def has_open_row_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the deed's workspace is open; decides which buttons a page has."""
        return Workspace.objects.open().filter(pk=object_id).exists()

    def has_closed_row_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return Workspace.objects.filter(pk=object_id, closed_at__isnull=False, erased_at=None).exists()
