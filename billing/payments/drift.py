"""Where a subscription of Stripe's and our rows differ, and the report of it. Asks Stripe only about late payments."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Workspace
from billing.models import Boost, Claim, Customer, StripeEvent, Subscription
from billing.payments import memory
from billing.payments.grace import late_since, mark_late
from billing.payments.grants import running_of
from billing.payments.owners import owner_of
from billing.payments.reading import Reading
from moondev.lib.queue import State

FACTS = (
    "customer_id", "status", "plan_id", "interval", "price_id", "quantity", "monthly_cents", "current_period_end",
    "trial_ends_at", "cancels_at", "ended_at", "next_plan_id", "next_interval", "next_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that differed, in words, and whether it agrees now."""

    reference: str
    what: str
    is_mended: bool = False


@dataclass(slots=True)
class Report:
    """How many were compared, and what differed."""

    checked: int = 0
    drifts: list[Drift] = field(default_factory=list)

    @property
    def mended(self) -> int:
        return sum(drift.is_mended for drift in self.drifts)

    @property
    def left(self) -> int:
        return len(self.drifts) - self.mended

    def numbers(self) -> dict[str, int]:
        return {"checked": self.checked, "found": len(self.drifts), "mended": self.mended, "left": self.left}


def is_on_its_way(reference: str) -> bool:
    """News of a thing in Stripe waits to be worked on: nothing is lost, we are only not there yet."""
    waiting = StripeEvent.objects.filter(state__in=[State.WAITING, State.RUNNING])
    return bool(waiting.filter(object_id=reference).exists())


def differences(reading: Reading, row: Subscription | None, now: datetime) -> list[str]:
    """Each difference in a few words; none: we have what Stripe has, and the workspace what it pays for."""
    if row is None:
        return ["we do not have it"]
    # While nobody knows what is paid for, what the workspace has stays, and staff have a case.
    given = [] if row.grants(now) and not reading.is_known else _plan(row, now)
    ours = [*_whose(reading, row), *memory.differences(row), *_late(row, now)]
    return [*_facts(reading, row), *ours, *given, *_packs(reading, row, now)]


def _facts(reading: Reading, row: Subscription) -> Iterator[str]:
    for name in FACTS:
        ours, theirs = getattr(row, name), reading.values[name]
        if ours != theirs:
            yield f"{name} is {_shown(ours)} here and {_shown(theirs)} there"


def _whose(reading: Reading, row: Subscription) -> Iterator[str]:
    """Whose it is, who pays it, and whether its buyer has the link to it."""
    owner = owner_of(reading, row)
    if owner != row.workspace:
        yield f"it is of workspace {_number(row.workspace)} here and should be of {_number(owner)}"
    elif owner is None:
        if row.grants() and not Claim.objects.filter(subscription=row).exists():
            yield "its buyer has no link to claim it"
    elif row.is_live and not _is_known(row.customer_id, owner):
        yield "its customer is not known"


def _is_known(customer_id: str, workspace: Workspace) -> bool:
    own = Customer.objects.for_workspace(workspace).current()
    return bool(Customer.objects.filter(pk=customer_id).exists() and own.exists())


def _number(workspace: Workspace | None) -> str:
    return f"#{workspace.pk}" if workspace else "nobody"


def _late(row: Subscription, now: datetime) -> Iterator[str]:
    """The grace that the open invoice gives, against the one that the row has."""
    due = copy(row)
    mark_late(due, late_since(due, now))
    if (due.past_due_since, due.grace_ends_at) != (row.past_due_since, row.grace_ends_at):
        yield f"its grace ends at {_shown(row.grace_ends_at)} and should at {_shown(due.grace_ends_at)}"


def _plan(row: Subscription, now: datetime) -> Iterator[str]:
    """The entitlement that the row as it stands should give, against the one that there is."""
    due = row.plan_id if row.workspace_id is not None and row.grants(now) else None
    running = running_of(row).first()
    has = running.plan_id if running is not None and not running.is_over(now) else None
    if has != due:
        yield f"the workspace has {has or 'nothing'} of it and should have {due or 'nothing'}"
    elif running is not None and has and (running.quantity, running.workspace_id) != (row.quantity, row.workspace_id):
        yield "its entitlement has another quantity or workspace"
    elif running is not None and has and running.ends_at != row.grace_ends_at:
        yield f"its entitlement ends at {_shown(running.ends_at)} and should at {_shown(row.grace_ends_at)}"


def _packs(reading: Reading, row: Subscription, now: datetime) -> Iterator[str]:
    due = reading.packs if row.workspace_id is not None and row.grants(now) else {}
    running = Boost.objects.not_over(now).filter(subscription=row)
    has = dict(running.values_list("add_on_id", "quantity"))
    if has == due and running.exclude(workspace=row.workspace_id, ends_at=row.grace_ends_at).exists():
        yield "its packs have another end or workspace"
    if has != due:
        yield f"its packs are {has or 'none'} and should be {due or 'none'}"


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return "empty" if value in (None, "") else str(value)
