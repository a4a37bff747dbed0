"""What a subscription gives its workspace. Rows are ended and made anew, so that they tell what was had when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from accounts import audit
from accounts.models import Workspace
from billing import changes
from billing.models import Entitlement, Plan, Subscription
from billing.models.entitlement import EntitlementQuerySet
from billing.payments.boosts import set_packs
from billing.payments.marks import ACTOR


def entitle(row: Subscription, packs: Mapping[str, int], *, is_known: bool = True) -> None:
    """Give what the subscription pays for now and take away what it does not; repeating changes nothing.

    Without `is_known` nobody knows what is paid for: what the workspace has stays until the subscription ends.
    """
    now = timezone.now()
    workspace = row.workspace if row.grants(now) else None
    holders = {row.workspace_id, *running_of(row).values_list("workspace_id", flat=True)}
    if is_known or workspace is None:
        _set_plan(row, workspace, now)
    set_packs(row, workspace, packs, now)
    # Told even when nothing has changed: a process may have died between the last change and its news.
    for holder in holders - {None}:
        changes.notify(holder)


def running_of(row: Subscription) -> EntitlementQuerySet:
    """The plan that a subscription gives or gave last: at most one row that nobody has ended."""
    rows: EntitlementQuerySet = Entitlement.objects.filter(subscription=row, revoked_at=None)
    return rows


def end(entitlement: Entitlement, now: datetime) -> None:
    """End a paid plan; where its end has passed already, at that end."""
    entitlement.revoked_at = min(now, entitlement.ends_at or now)
    entitlement.save(update_fields=["revoked_at"])
    _record("entitlement.ended", entitlement)


def _set_plan(row: Subscription, workspace: Workspace | None, now: datetime) -> None:
    """`workspace` has the plan from now on; None: nobody has."""
    running = running_of(row).select_for_update().first()
    if running is not None and not _fits(running, row, workspace, now):
        end(running, now)
        running = None
    if running is None:
        if workspace is not None and row.plan is not None:
            _begin(row, workspace, row.plan, now)
    elif running.ends_at != row.grace_ends_at:
        running.ends_at = row.grace_ends_at
        running.save(update_fields=["ends_at"])


def _fits(running: Entitlement, row: Subscription, workspace: Workspace | None, now: datetime) -> bool:
    """Whether the row that runs is the one that is paid for."""
    has = (running.plan_id, running.quantity, running.workspace)
    return has == (row.plan_id, row.quantity, workspace) and not running.is_over(now)


def _begin(row: Subscription, workspace: Workspace, plan: Plan, now: datetime) -> None:
    made = Entitlement.objects.create(
        workspace=workspace,
        plan=plan,
        source=Entitlement.Source.STRIPE,
        subscription=row,
        quantity=row.quantity,
        reason=f"Subscription {row.pk}",
        starts_at=now,
        # Late payment: the plan ends by itself with the grace, in every process, should no event ever come.
        ends_at=row.grace_ends_at,
    )
    _record("entitlement.granted", made)


def _record(action: str, row: Entitlement) -> None:
    audit.record(
        action=action,
        workspace=row.workspace,
        actor_label=ACTOR,
        target=row.plan_id,
        entitlement=row.pk,
        subscription=row.subscription_id,
        quantity=row.quantity,
        starts_at=row.starts_at.isoformat(),
        ends_at=row.ends_at.isoformat() if row.ends_at else None,
    )
