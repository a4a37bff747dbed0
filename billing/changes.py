"""What happens whenever a plan's row changes, whoever changed it: a line in the audit log, news to every process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from billing.signals import entitlement_changed

if TYPE_CHECKING:
    from billing.models import Plan


def record(plan: Plan, *, before: dict[str, Any] | None, actor: User | None) -> None:
    """Audit the fields of a stored plan that differ from `before` (None: a new row) and tell every process.

    Rows that seeding makes have no actor and no history; they are not worth a line in the log of deeds.
    """
    after = plan.numbers()
    changed = {
        name: [(before or {}).get(name), after[name]] for name in after if (before or {}).get(name) != after[name]
    }
    if not changed:
        return
    if before or actor:
        audit.record(
            action="plan.changed" if before else "plan.created", actor=actor, target=plan.name, changed=changed
        )
    notify()


def record_removal(plan: Plan, *, actor: User | None) -> None:
    """Audit that a plan is about to be removed, with its last numbers."""
    audit.record(action="plan.removed", actor=actor, target=plan.name, was=plan.numbers())
    notify()


def notify(workspace_id: int | None = None) -> None:
    """Tell every process after commit that a workspace's terms (None: any workspace's) may be new.

    The row is stored by then: a listener that fails is logged and cannot undo it, so it must not fail the caller.
    """
    transaction.on_commit(lambda: entitlement_changed.send_robust(sender=None, workspace_id=workspace_id) and None)
