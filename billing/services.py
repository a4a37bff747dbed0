"""What staff do: grant plans, change what a plan or an add-on is, process an event again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import audit
from accounts.models import User, Workspace
from billing import changes
from billing.models import AddOn, Customer, Entitlement, Plan, StripeEvent, Subscription
from billing.terms import FREE, PLAN_NAMES
from moondev.lib.errors import Conflict, Forbidden, Invalid

LONGEST_GRANT = timedelta(days=3653)


def grant(*, workspace: Workspace, plan: Plan | str, reason: str, ends_at: datetime, actor: User | None) -> Entitlement:
    """Give a workspace a plan from now until `ends_at`, next to the grants it has: the strongest counts.

    `actor` is staff, or None for the system. Raises Forbidden, Conflict (the workspace is closed), Invalid.
    """
    _check_staff(actor)
    chosen = _plan(plan)
    with transaction.atomic():
        locked = Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        check_grant(workspace=locked, plan=chosen, reason=reason, ends_at=ends_at)
        row = Entitlement.objects.create(
            workspace=locked, plan=chosen, reason=reason.strip(), ends_at=ends_at, granted_by=actor
        )
        _tell("entitlement.granted", row, actor)
    return row


def check_grant(*, workspace: Workspace, plan: Plan, reason: str, ends_at: datetime) -> None:
    """Raise Conflict or Invalid when a grant would be refused."""
    now = timezone.now()
    if not workspace.is_open:
        raise Conflict("This workspace is closed. Reopen it before granting it a plan.")
    if plan.name == FREE:
        raise Invalid.field("/plan", "Free is what a workspace has without a grant. End its grants instead.")
    if not reason.strip() or len(reason.strip()) > 200:
        raise Invalid.field("/reason", "Say in 1 to 200 characters why the workspace gets this plan.")
    if not now < ends_at <= now + LONGEST_GRANT:
        raise Invalid.field("/ends_at", "The grant must end in the future, at most ten years from now.")


def end_grant(*, entitlement: Entitlement, actor: User | None) -> Entitlement:
    """End a grant of staff now. Ending twice changes nothing. Raises Forbidden, and Conflict for a paid plan."""
    _check_staff(actor)
    if entitlement.source != Entitlement.Source.STAFF:
        raise Conflict("This plan is paid for. Cancel its subscription in Stripe; the plan ends with it.")
    now = timezone.now()
    with transaction.atomic():
        running = Entitlement.objects.not_over(now).filter(pk=entitlement.pk).order_by()
        if running.update(revoked_at=now):
            entitlement.refresh_from_db()
            _tell("entitlement.ended", entitlement, actor)
    return entitlement


def extend_grant(*, entitlement: Entitlement, ends_at: datetime, reason: str, actor: User | None) -> Entitlement:
    """Let a running grant of staff end later, with a reason. Raises Forbidden, Invalid, Conflict for any other row."""
    _check_staff(actor)
    if entitlement.source != Entitlement.Source.STAFF:
        raise Conflict("This plan is paid for. Grant the same plan for longer; the strongest grant counts.")
    check_grant(workspace=entitlement.workspace, plan=entitlement.plan, reason=reason, ends_at=ends_at)
    with transaction.atomic():
        before = entitlement.ends_at
        running = Entitlement.objects.not_over().filter(pk=entitlement.pk, ends_at__lt=ends_at).order_by()
        if not running.update(ends_at=ends_at):
            raise Conflict("Only a grant that is not over can be extended, to a later end.")
        entitlement.refresh_from_db()
        _tell("entitlement.extended", entitlement, actor, why=reason.strip(), ended_at=before and before.isoformat())
    return entitlement


def change_plan(*, plan: Plan, actor: User | None) -> Plan:
    """Store an edited plan under the name of who edited it. Raises Forbidden, ValidationError."""
    _check_staff(actor)
    plan.full_clean()
    plan.save(actor=actor)
    return plan


def change_add_on(*, add_on: AddOn, actor: User | None) -> AddOn:
    """Store a new or edited add-on under the name of who edited it. Raises Forbidden, ValidationError."""
    _check_staff(actor)
    add_on.full_clean()
    with transaction.atomic():
        stored = AddOn.objects.select_for_update().filter(pk=add_on.pk).first()
        before = stored.numbers() if stored else {}
        add_on.save()
        changed = {name: [before.get(name), now] for name, now in add_on.numbers().items() if before.get(name) != now}
        if changed:
            action = "add_on.changed" if stored else "add_on.created"
            audit.record(action=action, actor=actor, target=add_on.pk, changed=changed)
            changes.notify()
    return add_on


def replay_event(*, event: StripeEvent, actor: User | None) -> StripeEvent:
    """Put an event of Stripe back into the queue. Raises Forbidden, Conflict while it is worked on or when erased."""
    _check_staff(actor)
    erased = Customer.objects.filter(pk=event.customer_id, workspace__erased_at__isnull=False)
    if erased.exists():
        raise Conflict("The workspace was erased. Reading from Stripe again would bring its customer's name back.")
    with transaction.atomic():
        if not event.requeue():
            raise Conflict("This event is being processed at this moment.")
        audit.record(action="stripe_event.replayed", actor=actor, target=event.pk, type=event.type)
    return event


def remove_plan(*, plan: Plan, actor: User | None) -> None:
    """Remove a plan that no workspace ever had. Raises Forbidden, Conflict."""
    _check_staff(actor)
    if plan.name == FREE:
        raise Conflict("Free cannot be removed: every workspace without a grant is on it.")
    if is_used(plan):
        raise Conflict(f"{plan.title} cannot be removed: workspaces have or had it.")
    plan.delete(actor=actor)


def is_used(plan: Plan) -> bool:
    """Whether a workspace has or had the plan, pays for it or is to get it."""
    subscribed = Subscription.objects.filter(Q(plan=plan) | Q(next_plan=plan))
    return Entitlement.objects.filter(plan=plan).exists() or subscribed.exists()


def _check_staff(actor: User | None) -> None:
    if actor is not None and not (actor.is_active and actor.is_staff):
        raise Forbidden("Only staff may do this.")


def _plan(plan: Plan | str) -> Plan:
    if isinstance(plan, Plan):
        return plan
    found = Plan.objects.filter(name=plan).first()
    if found is None:
        raise Invalid.field("/plan", f"There is no plan {plan!r}. It is one of {', '.join(PLAN_NAMES)}.")
    return found


def _tell(action: str, row: Entitlement, actor: User | None, **more: Any) -> None:
    """Audit a grant or its end, and tell every process after commit."""
    audit.record(
        action=action,
        workspace=row.workspace,
        actor=actor,
        target=row.plan_id,
        entitlement=row.pk,
        reason=row.reason,
        starts_at=row.starts_at.isoformat(),
        ends_at=row.ends_at.isoformat() if row.ends_at else None,
        **more,
    )
    changes.notify(row.workspace_id)
