"""Writing the audit log: the one way in."""

from __future__ import annotations

from typing import Any

from accounts.models import AuditEntry, User, Workspace


def record(
    *,
    action: str,
    workspace: Workspace | None = None,
    actor: User | None = None,
    actor_label: str = "",
    target: object = "",
    **data: Any,
) -> AuditEntry:
    """Write one deed inside the caller's transaction. `data` holds what changed, never a secret."""
    return AuditEntry.objects.create(
        action=action,
        workspace=workspace,
        actor=actor,
        actor_label=actor_label or (actor.email if actor else "system"),
        target=str(target)[:120],
        data=data,
    )
