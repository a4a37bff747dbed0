"""Which workspace a session acts in: the one its person chose, or the one that staff look at."""

from __future__ import annotations

from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.http import HttpRequest

from accounts import audit
from accounts.models import Member, Role, User, Workspace
from accounts.staff.entry import may_see
from moondev.lib.errors import Forbidden, NotFound

CHOSEN = "workspace_id"
ACTING = "acting_as"
# Who looks through a customer's eyes must be allowed to see what the customer sees.
# The portal shows all of it: keys and usage, what is paid, alerts and where their messages go, runs and their code.
ACTING_NEEDS = (
    "accounts.view_workspace",
    "gateway.view_apikey",
    "gateway.view_usage",
    "billing.view_subscription",
    "alerts.view_delivery",
    "backtests.view_run",
)
_CACHED = "_member"


def member_of(request: HttpRequest) -> Member | None:
    """The membership in which a request acts; None without a session or a workspace. One query a request.

    While staff act for a customer it is an unsaved owner's membership: it sees all and, because the middleware refuses
    every unsafe method, changes nothing.
    """
    if not hasattr(request, _CACHED):
        setattr(request, _CACHED, _find_member(request))
    found: Member | None = getattr(request, _CACHED)
    return found


def is_acting(request: HttpRequest) -> bool:
    """Whether a member of staff is looking at a customer's portal. It ends with the right to begin it."""
    return isinstance(getattr(request, "user", None), User) and ACTING in request.session and may_act(request)


def may_act(request: HttpRequest) -> bool:
    """Whether a person may look at customers' portals at all."""
    return may_see(request, ACTING_NEEDS)


def switch_workspace(request: HttpRequest, workspace: Workspace) -> Member:
    """Choose the workspace of this session. Raises NotFound unless the person belongs to it."""
    user = request.user
    member = isinstance(user, User) and _memberships(user).filter(workspace=workspace).first()
    if not member:
        raise NotFound("There is no such workspace among yours.")
    request.session[CHOSEN] = workspace.pk
    _forget(request)
    return member


def start_acting(request: HttpRequest, workspace: Workspace) -> None:
    """Let a member of staff look at a workspace's portal, read-only. Raises Forbidden for anybody else."""
    user = request.user
    if not isinstance(user, User) or not may_act(request):
        raise Forbidden("Only staff who may see all of it may look at a customer's portal.")
    request.session[ACTING] = workspace.pk
    _forget(request)
    audit.record(action="workspace.viewed_by_staff", workspace=workspace, actor=user, target=workspace.slug)


def stop_acting(request: HttpRequest) -> None:
    """Go back to one's own workspaces."""
    request.session.pop(ACTING, None)
    _forget(request)


def _find_member(request: HttpRequest) -> Member | None:
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.is_active:
        return None
    if is_acting(request):
        workspace = Workspace.objects.filter(pk=request.session[ACTING], erased_at=None).first()
        if workspace:
            return Member(workspace=workspace, user=user, role=Role.OWNER)
        stop_acting(request)
    return _chosen_first(user, request.session.get(CHOSEN))


def _chosen_first(user: User, chosen: int | None) -> Member | None:
    """The chosen workspace while the person belongs to it, else the open one that they joined first."""
    preferred = Case(When(workspace_id=chosen or 0, then=Value(0)), default=Value(1), output_field=IntegerField())
    by_age = F("workspace__closed_at").asc(nulls_first=True)
    return _memberships(user).order_by(preferred, by_age, "joined_at", "pk").first()


def _memberships(user: User) -> QuerySet[Member]:
    return Member.objects.filter(user=user, workspace__erased_at=None).select_related("workspace", "user")


def _forget(request: HttpRequest) -> None:
    if hasattr(request, _CACHED):
        delattr(request, _CACHED)
