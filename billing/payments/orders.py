"""Changing what a workspace subscribes to: upgrade, downgrade, cancel, resume and packs. Owners and admins may.

Whoever changes a plan or packs first sees a preview, and confirms exactly that by its token.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from accounts import audit
from accounts.models import AuditEntry, User, Workspace
from accounts.roles import Deed
from accounts.services.access import access_workspace, check_open
from billing.models import Boost, Plan, Subscription
from billing.payments import schedules
from billing.payments.basket import Basket, Goal, basket_of, changes_of, mark_of, retrieve
from billing.payments.for_sale import check_quantity, plan_for_sale, recurring_pack
from billing.payments.previews import Confirmed, Line, Preview, confirmed, preview_later, preview_now
from billing.payments.reading import Object
from billing.payments.stripe_api import AWAY, client, in_plain_words
from billing.payments.subscriptions import UnknownPrice, apply_subscription
from moondev.lib.errors import Conflict, Invalid

__all__ = [
    "Line",
    "Preview",
    "cancel",
    "change_plan",
    "drop_downgrade",
    "packs_of",
    "preview_change",
    "preview_packs",
    "resume",
    "set_packs",
    "subscription_of",
]
LONGEST_NONCE = 64
Status = Subscription.Status


def subscription_of(workspace: Workspace) -> Subscription | None:
    """The workspace's live subscription, which every change here is about; None for a workspace that has to buy."""
    rows = Subscription.objects.for_workspace(workspace).live().select_related("plan", "next_plan")
    found: Subscription | None = rows.in_turn().first()
    return found


def packs_of(workspace: Workspace) -> dict[str, int]:
    """How many of each recurring add-on the workspace's live subscription has, by the add-on's name."""
    row = subscription_of(workspace)
    rows = Boost.objects.filter(subscription=row).not_over() if row else Boost.objects.none()
    return {boost.add_on_id: boost.quantity for boost in rows}


def preview_change(
    *, workspace: Workspace, actor: User, plan: str, interval: str, quantity: int | None = None
) -> Preview:
    """What moving to a plan would cost. `quantity` None: as many as now.

    Raises NotFound for a stranger, Forbidden for a member, Invalid at `/plan`, `/interval` or `/quantity`, Conflict
    without a live subscription, for the plan that the workspace has, or while it is late, suspended or being cancelled,
    Unavailable while Stripe is away.
    """
    wanted, _ = plan_for_sale(plan, interval)
    row = _access(workspace, actor)
    _check_changeable(row)
    with in_plain_words():
        basket = basket_of(retrieve(row.pk))
        count = check_quantity(basket.goal.quantity if quantity is None else quantity)
        goal = replace(basket.goal, plan=wanted.name, interval=interval, quantity=count)
        if goal == basket.goal:
            raise Conflict(f"The workspace has the {wanted.title} plan by the {interval} already.")
        return preview_later(basket, goal) if _is_less(goal, basket.goal) else preview_now(basket, goal)


def change_plan(*, workspace: Workspace, actor: User, token: str) -> Subscription:
    """Do what a preview showed. An upgrade is paid and holds at once; a downgrade waits for the end of the period.

    Raises what `preview_change` does, Conflict when the payment is declined (the plan stays) or the preview is older
    than half an hour or no longer fits.
    """
    return _confirm(workspace, actor, token, "subscription.plan_changed")


def preview_packs(*, workspace: Workspace, actor: User, add_on: str, quantity: int) -> Preview:
    """What having `quantity` of a recurring add-on in all would cost; 0: none any more.

    Raises what `preview_change` does; Invalid at `/add_on` or `/quantity`.
    """
    wanted = recurring_pack(add_on)
    check_quantity(quantity, least=0)
    row = _access(workspace, actor)
    _check_changeable(row)
    with in_plain_words():
        basket = basket_of(retrieve(row.pk))
        _check_nothing_planned(basket)
        held = basket.goal.packs.get(add_on, 0)
        if quantity == held:
            raise Invalid.field("/quantity", f"The workspace has {held} of “{wanted.title}” already.")
        if quantity > held and not wanted.is_on_sale:
            raise Conflict(f"“{wanted.title}” is no longer sold.")
        return preview_now(basket, replace(basket.goal, packs=_with(basket.goal.packs, add_on, quantity)))


def set_packs(*, workspace: Workspace, actor: User, token: str) -> Subscription:
    """Do what a preview of packs showed: paid and there at once. Fewer packs: their rest is credited."""
    return _confirm(workspace, actor, token, "subscription.packs_changed")


def cancel(*, workspace: Workspace, actor: User, nonce: str) -> Subscription:
    """End the subscription when the paid time is over; the plan is kept until then. A scheduled downgrade is dropped.

    Cancelling twice changes nothing. `nonce`: random, from the form, at most 64 characters.
    """

    def end(found: Object, key: str) -> bool:
        if _ends(found):
            return False
        schedules.drop_change(found, key=key)
        _update(found["id"], {"cancel_at_period_end": True}, key)
        return True

    return _do(workspace, actor, nonce, "subscription.cancelled", end)


def resume(*, workspace: Workspace, actor: User, nonce: str) -> Subscription:
    """Undo a cancellation that has not happened yet. Raises Conflict when the subscription has ended."""

    def go_on(found: Object, key: str) -> bool:
        if not _ends(found):
            return False
        by_period = found["cancel_at_period_end"]
        _update(found["id"], {"cancel_at_period_end": False} if by_period else {"cancel_at": ""}, key)
        return True

    return _do(workspace, actor, nonce, "subscription.resumed", go_on)


def drop_downgrade(*, workspace: Workspace, actor: User, nonce: str) -> Subscription:
    """Keep the plan: the scheduled downgrade does not happen. Without one nothing changes."""

    def keep(found: Object, key: str) -> bool:
        return schedules.drop_change(found, key=key)

    return _do(workspace, actor, nonce, "subscription.downgrade_dropped", keep)


def _access(workspace: Workspace, actor: User) -> Subscription:
    """The subscription that is to be changed. Raises NotFound, Forbidden, Conflict."""
    access_workspace(actor, workspace, Deed.BILLING)
    check_open(workspace)
    row = subscription_of(workspace)
    if row is None:
        raise Conflict("This workspace has no subscription. Choose a plan first.")
    if row.cancel_requested_at is not None:
        raise Conflict("This subscription is being ended.")
    return row


def _check_changeable(row: Subscription) -> None:
    """Raise Conflict, with what to do first, unless the subscription is paid and goes on."""
    if row.suspended_at is not None:
        raise Conflict("This subscription is suspended. Write to us before you change it.")
    if row.status not in (Status.ACTIVE, Status.TRIALING):
        raise Conflict("A payment is missing. Pay the open invoice first, then change the plan.")
    if row.cancels_at is not None:
        raise Conflict("This subscription is cancelled. Resume it first, then change the plan.")


def _check_nothing_planned(basket: Basket) -> None:
    if schedules.schedule_of(basket.found) is not None:
        raise Conflict("A move to another plan is planned. Keep your plan first, then change the packs.")


def _is_less(goal: Goal, held: Goal) -> bool:
    """Whether a change takes something away that is paid for: a plan, the rest of a year, or some of several."""
    ranks = dict(Plan.objects.filter(name__in=(goal.plan, held.plan)).values_list("name", "rank"))
    if goal.plan != held.plan:
        return ranks[goal.plan] < ranks[held.plan]
    if goal.interval != held.interval:
        return goal.interval == Subscription.Interval.MONTH
    return goal.quantity < held.quantity


def _with(packs: Mapping[str, int], name: str, quantity: int) -> dict[str, int]:
    changed = {**packs, name: quantity}
    return {each: count for each, count in changed.items() if count}


def _confirm(workspace: Workspace, actor: User, token: str, action: str) -> Subscription:
    said = confirmed(token)
    row = _access(workspace, actor)
    if said.subscription != row.pk:
        raise Conflict("This is no longer the workspace's subscription. Look at its plan again.")
    with in_plain_words():
        basket = basket_of(retrieve(row.pk))
        digest = hashlib.sha256(token.encode()).hexdigest()
        earlier = AuditEntry.objects.for_workspace(workspace).filter(action=action, data__confirmed=digest)
        if not _is_done(basket, said, is_repeat=earlier.exists()):
            _check_changeable(row)
            _check_as_seen(basket, said)
            _carry_out(basket, said, key=f"change-{digest}")
            audit.record(
                action=action, workspace=workspace, actor=actor, target=row.pk, plan=said.goal.plan,
                interval=said.goal.interval, quantity=said.goal.quantity, packs=dict(said.goal.packs),
                at_period_end=said.is_downgrade, confirmed=digest,
            )  # fmt: skip
    return _applied(row)


def _is_done(basket: Basket, said: Confirmed, *, is_repeat: bool) -> bool:
    """Whether it is as confirmed, as by a button pressed twice. Raises Conflict for a repeat of what was taken back.

    Stripe answers a repeat under the same key with the first result, and does nothing.
    """
    if basket.goal == said.goal:
        return True
    if is_repeat and not (said.is_downgrade and schedules.schedule_of(basket.found)):
        raise Conflict("You confirmed this before, and it was taken back since. Look at the costs again.")
    return is_repeat


def _check_as_seen(basket: Basket, said: Confirmed) -> None:
    """Raise Conflict unless items, prices and what is planned are those of the preview."""
    if basket.mark != said.mark:
        raise Conflict("The subscription has changed since you saw the costs. Look at them again.")
    if mark_of(basket, said.goal) != said.wanted:
        raise Conflict("The prices have changed since you saw the costs. Look at them again.")
    if said.goal.packs != basket.goal.packs:
        _check_nothing_planned(basket)


def _carry_out(basket: Basket, said: Confirmed, *, key: str) -> None:
    if said.is_downgrade:
        schedules.plan_change(basket, said.goal, key=key)
        return
    changes: dict[str, Any] = {
        "items": changes_of(basket, said.goal),
        "proration_behavior": "always_invoice",
        "payment_behavior": "error_if_incomplete",
        **({"proration_date": said.prorated_at} if said.prorated_at else {}),
    }
    dropped = schedules.drop_change(basket.found, key=key)
    try:
        with in_plain_words():
            _update(basket.id, changes, key)
    except Conflict as error:
        if not dropped:
            raise
        raise Conflict(error.detail.replace("Nothing was changed.", "You keep your plan.")) from error


def _do(
    workspace: Workspace, actor: User, nonce: str, action: str, deed: Callable[[Object, str], bool]
) -> Subscription:
    """Do a deed that needs no preview, and audit it if it changed something."""
    if not (nonce and len(nonce) <= LONGEST_NONCE):
        raise Invalid.field("/nonce", "Load the page again.")
    row = _access(workspace, actor)
    digest = hashlib.sha256(nonce.encode()).hexdigest()[:32]
    # A form may be sent again after its deed was taken back: under a key that it knows Stripe would do nothing.
    times = AuditEntry.objects.for_workspace(workspace).filter(action=action, data__form=digest).count()
    with in_plain_words():
        if deed(retrieve(row.pk), f"{action}-{row.pk}-{digest}-{times}"):
            audit.record(action=action, workspace=workspace, actor=actor, target=row.pk, form=digest)
    return _applied(row)


def _ends(found: Object) -> bool:
    return bool(found["cancel_at_period_end"] or found["cancel_at"])


def _update(subscription_id: str, params: Any, key: str) -> None:
    client().v1.subscriptions.update(subscription_id, params, {"idempotency_key": f"{key}-update"})


def _applied(row: Subscription) -> Subscription:
    """Our row after a change. Should Stripe go away this moment the change stands, and its event brings the news."""
    try:
        return apply_subscription(row.pk) or row
    except UnknownPrice:
        return row
    except AWAY:
        return row
