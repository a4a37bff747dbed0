"""Packs that raise a plan's numbers, as rows: those that a subscription has among its items, and how packs end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Max

from accounts import audit
from accounts.models import Workspace
from billing.models import AddOn, Boost, Subscription
from billing.payments.marks import ACTOR

GRANTED, ENDED = "pack.granted", "pack.ended"
MOMENTS = ("starts_at", "ends_at", "revoked_at")


def set_packs(row: Subscription, workspace: Workspace | None, packs: Mapping[str, int], now: datetime) -> None:
    """Give a workspace the packs among a subscription's items; None: nobody has any."""
    missing = dict(packs) if workspace is not None else {}
    for boost in Boost.objects.filter(subscription=row, revoked_at=None).select_for_update():
        wanted = missing.get(boost.add_on_id) == boost.quantity and boost.workspace == workspace
        if not wanted or not (boost.ends_at is None or boost.ends_at > now):
            end_pack(boost, now)
            continue
        del missing[boost.add_on_id]
        if boost.ends_at != row.grace_ends_at:
            boost.ends_at = row.grace_ends_at
            boost.save(update_fields=["ends_at"])
    if workspace is not None:
        _add_packs(row, workspace, missing, now)


def _add_packs(row: Subscription, workspace: Workspace, packs: Mapping[str, int], now: datetime) -> None:
    for name, quantity in packs.items():
        made = Boost.objects.create(
            workspace=workspace,
            add_on_id=name,
            quantity=quantity,
            subscription=row,
            starts_at=now,
            ends_at=row.grace_ends_at,
        )
        _record(GRANTED, made)


def give_once(workspace: Workspace, add_on: AddOn, quantity: int, *, payment_id: str, now: datetime) -> Boost:
    """Give packs that were paid once; the same payment gives them once."""
    ends_at = _end_of(workspace, add_on, quantity, now)
    values = {"workspace": workspace, "quantity": quantity, "starts_at": now, "ends_at": ends_at}
    row, is_new = Boost.objects.get_or_create(payment_id=payment_id, add_on=add_on, defaults=values)
    if is_new:
        _record(GRANTED, row)
    return row


def _end_of(workspace: Workspace, add_on: AddOn, quantity: int, now: datetime) -> datetime | None:
    """When packs are over. History does not add up, so each further pack of it holds as much longer."""
    if not add_on.valid_days:
        return None
    if add_on.raises != AddOn.Raises.HISTORY:
        return now + timedelta(days=add_on.valid_days)
    running = Boost.objects.for_workspace(workspace).not_over(now).filter(add_on=add_on)
    latest = running.aggregate(latest=Max("ends_at"))["latest"] or now
    return latest + timedelta(days=add_on.valid_days * quantity)


def end_pack(boost: Boost, now: datetime, *, reason: str = "") -> None:
    """End packs now; where their end has passed already, at that end."""
    boost.revoked_at = min(now, boost.ends_at or now)
    boost.save(update_fields=["revoked_at"])
    _record(ENDED, boost, reason=reason)


def _record(action: str, row: Boost, *, reason: str = "") -> None:
    """Written down whole: from here a row that was deleted or changed by hand is made again."""
    moments = {name: getattr(row, name) for name in MOMENTS}
    audit.record(
        action=action,
        workspace=row.workspace,
        actor_label=ACTOR,
        target=row.add_on_id,
        boost=row.pk,
        quantity=row.quantity,
        payment=row.payment_id,
        reason=reason,
        **{name: moment and moment.isoformat() for name, moment in moments.items()},
    )
