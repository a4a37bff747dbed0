"""Everything about a person, and about the workspaces that they run, as one document that JSON can hold."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from accounts import audit, export
from accounts.models import AuditEntry, Invitation, Member, Role, User, Workspace
from accounts.roles import Deed
from accounts.services.access import access_workspace


def export_user_data(*, user: User) -> dict[str, Any]:
    """What is kept about a person and the workspaces they own: profile, addresses, second factors, sessions,
    memberships, deeds, every app's part."""
    audit.record(action="person.exported", actor=user)
    owned = Workspace.objects.filter(members__user=user, members__role=Role.OWNER, erased_at=None)
    return {
        "profile": _row(user, "email", "name", "time_zone", "date_joined", "last_login"),
        "email_addresses": _rows(EmailAddress.objects.filter(user=user), "email", "verified", "primary"),
        "second_factors": _rows(Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at"),
        "sessions": _rows(UserSession.objects.filter(user=user), "ip", "user_agent", "created_at", "last_seen_at"),
        "memberships": _rows(Member.objects.filter(user=user), "workspace__slug", "role", "joined_at"),
        "deeds": _rows(AuditEntry.objects.filter(actor=user), "at", "workspace__slug", "action", "target"),
        **export.parts_of_person(user),
        "owned_workspaces": [_workspace(workspace) for workspace in owned],
    }


def export_workspace_data(*, workspace: Workspace, actor: User) -> dict[str, Any]:
    """What is kept about a workspace, for those who run it: settings, people, invitations, audit log, apps' parts."""
    access_workspace(actor, workspace, Deed.MANAGE)
    audit.record(action="workspace.exported", workspace=workspace, actor=actor, target=workspace.slug)
    return _workspace(workspace)


def _workspace(workspace: Workspace) -> dict[str, Any]:
    return {
        "workspace": _row(workspace, "slug", "name", "created_at", "members_manage_own_keys", "closed_at"),
        "members": _rows(workspace.members.all(), "user__email", "role", "joined_at"),
        "invitations": _rows(
            Invitation.objects.for_workspace(workspace), "email", "role", "created_at", "accepted_at", "revoked_at"
        ),
        "audit": _rows(AuditEntry.objects.filter(workspace=workspace), "at", "actor_label", "action", "target", "data"),
        **export.parts_of_workspace(workspace),
    }


def _row(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _rows(rows: Any, *names: str) -> list[dict[str, Any]]:
    return list(rows.values(*names))
