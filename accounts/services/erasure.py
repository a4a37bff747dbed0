"""Erasing a workspace for good: its data go, what the law and the books need stays without a name."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import AuditEntry, Invitation, Workspace
from accounts.signals import workspace_erasing

ERASED = "erased"
log = structlog.get_logger("accounts.erasure")


def erase_due() -> int:
    """Erase every workspace whose 30 days are over, each in a transaction of its own. Returns how many went.

    One that cannot be erased is logged and tried again at the next run; it does not keep the others.
    """
    now = timezone.now()
    due = Workspace.objects.filter(erased_at=None, erase_after__lte=now).values_list("pk", flat=True)
    return sum(_try_erase(pk, now) for pk in list(due))


@transaction.atomic
def erase_workspace(*, workspace_id: int, due_at: datetime | None = None) -> bool:
    """Erase a closed workspace: one that is due at `due_at`, or any without it. Every app deletes its rows on
    `workspace_erasing`, in this transaction: all of it goes or nothing.

    False when it is open, not due, erased already or held by another worker.
    """
    rows = Workspace.objects.select_for_update(skip_locked=True, no_key=True)
    wanted = Q(closed_at__isnull=False) if due_at is None else Q(erase_after__lte=due_at)
    workspace = rows.filter(wanted, pk=workspace_id, erased_at=None).first()
    if workspace is None:
        return False
    workspace_erasing.send(sender=Workspace, workspace=workspace)
    Invitation.objects.for_workspace(workspace).delete()
    workspace.members.all().delete()
    _anonymise(workspace)
    return True


def _try_erase(pk: int, now: datetime) -> bool:
    try:
        return erase_workspace(workspace_id=pk, due_at=now)
    except Exception:
        # One tenant's broken row must not keep everybody else's data here.
        log.exception("erasing failed", workspace_id=pk)
        return False


def _anonymise(workspace: Workspace) -> None:
    """Keep the row, for invoices, usage totals and audit entries hang on it, and take every name out."""
    entries = AuditEntry.objects.filter(workspace=workspace)
    # What staff did stays theirs; everybody else's name and words go.
    entries.filter(Q(actor=None) | Q(actor__is_staff=False)).update(actor=None, actor_label=ERASED)
    entries.update(target="", data={})
    workspace.slug, workspace.name = f"{ERASED}-{workspace.pk}", ERASED
    workspace.erased_at = timezone.now()
    workspace.save(update_fields=["slug", "name", "erased_at"])
    AuditEntry.objects.create(workspace=workspace, action="workspace.erased", actor_label="system")
