"""Who: people, the workspaces they share, and what was done in them."""

from accounts.models.audit import AuditEntry
from accounts.models.user import User
from accounts.models.workspace import Invitation, Member, Role, Workspace

__all__ = ["AuditEntry", "Invitation", "Member", "Role", "User", "Workspace"]
