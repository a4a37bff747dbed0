"""Cases: what a member of staff has to look at, opened by rules that cannot decide, closed by a person."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User, Workspace
from billing.models import Case
from moondev.lib.errors import Conflict, Forbidden, Invalid

LONGEST_NOTE = 500


def open_case(*, kind: Case.Kind, reference: str, detail: str, workspace: Workspace | None = None) -> Case:
    """The open case about a thing in Stripe; made when there is none, and told what is known by now when there is."""
    known = {"detail": detail[:500], "workspace": workspace}
    return Case.objects.update_or_create(kind=kind, reference=reference, closed_at=None, defaults=known)[0]


def close_case(*, case: Case, note: str, actor: User) -> Case:
    """Close a case with what was decided. Raises Forbidden, Invalid, Conflict when it is closed already."""
    if not (actor.is_active and actor.is_staff):
        raise Forbidden("Only staff may close cases.")
    note = note.strip()
    if not note or len(note) > LONGEST_NOTE:
        raise Invalid.field("/note", f"Say in 1 to {LONGEST_NOTE} characters what was decided.")
    with transaction.atomic():
        values = {"closed_at": timezone.now(), "closed_by": actor, "note": note}
        if not Case.objects.filter(pk=case.pk, closed_at=None).update(**values):
            raise Conflict("This case is closed already.")
        case.refresh_from_db()
        audit.record(
            action="case.closed",
            workspace=case.workspace,
            actor=actor,
            target=case.reference,
            kind=case.kind,
            note=note,
        )
    return case


def settle_cases(*, kind: Case.Kind, reference: str, note: str) -> int:
    """Close the open case about a thing that has settled itself; returns how many there were."""
    return Case.objects.filter(kind=kind, reference=reference, closed_at=None).update(
        closed_at=timezone.now(), note=note[:LONGEST_NOTE]
    )
