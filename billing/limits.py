"""The one place that refuses for lack of plan.

A check compares a count with the plan's number at that moment. It is exact under concurrency when the caller holds
the lock of the row that owns the counted things, from before the counting until after the insert:

    with transaction.atomic():
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        limits.check(workspace, "alerts", used=Alert.objects.for_workspace(workspace).count())
        Alert.objects.create(...)

The owning row is the workspace, except for workspaces themselves: there it is the user.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from django.utils import timezone

from accounts.models import Role, User, Workspace
from billing.catalogue import offers
from billing.holdings import Holdings
from billing.models import Entitlement, Plan
from billing.terms import FEATURES, FORMATS, FREE, Standing, Terms
from moondev.lib.errors import PlanTooLow, QuotaExhausted

Limit = Literal["seats", "workspaces", "alerts", "concurrent_runs", "backtest_runs_per_day"]
# What is counted (one, many), how it reads in a sentence, and what a customer can do without paying.
WORDS: dict[Limit, tuple[str, str, str]] = {
    "seats": ("member", "members", "Remove a member or revoke an invitation"),
    "workspaces": ("workspace of your own", "workspaces of your own", "Close a workspace"),
    "alerts": ("alert", "alerts", "Delete an alert"),
    "concurrent_runs": ("backtest run at a time", "backtest runs at a time", "Wait until a run has finished"),
    "backtest_runs_per_day": ("backtest run a day", "backtest runs a day", "Wait until 00:00 UTC"),
}


def standing_of(workspace_id: int, at: datetime | None = None) -> Standing:
    """The terms of a workspace at a moment (now) and when they end, as far as that is known. Reads PostgreSQL.

    Of overlapping grants the strongest counts; without one the workspace is on free. Packs raise the plan's numbers.
    """
    moment = at or timezone.now()
    holdings = Holdings(workspace_id, moment)
    best, now = holdings.best(moment), holdings.at(moment)
    plan = best.plan if best else plan_named(FREE)
    changes = [(edge, held) for edge, held in holdings.later() if held != now]
    until = changes[0][0] if changes else None
    plan_until = next((edge for edge, held in changes if held.plan != now.plan), None)
    return Standing(now.terms(plan), until, plan_until)


def terms_of(workspace: Workspace | int) -> Terms:
    """The terms of a workspace at this moment. Reads PostgreSQL."""
    return standing_of(workspace if isinstance(workspace, int) else workspace.pk).terms


def plan_named(name: str) -> Plan:
    """A plan by its name. An unknown name is an error and never free: LookupError, for it is ours and no customer's."""
    plan = Plan.objects.filter(name=name).first()
    if plan is None:
        raise LookupError(f"There is no plan {name!r}. `manage.py seed_plans` creates the plans that are missing.")
    return plan


def check(workspace: Workspace, limit: Limit, used: int) -> None:
    """Raise QuotaExhausted unless the plan has room for one more when `used` are there already."""
    _check(terms_of(workspace), limit, used, holder="this workspace has")


def check_seats(workspace: Workspace, used: int) -> None:
    """Raise QuotaExhausted unless one more member fits; open invitations count as members."""
    check(workspace, "seats", used)


def check_workspaces(user: User, used: int | None = None) -> None:
    """Raise QuotaExhausted unless the user may own one more workspace; the best plan of those they own counts.

    `used` defaults to the number of open workspaces they own. The caller holds the lock of the user's row.
    """
    owned = list(
        Workspace.objects.open().filter(members__user=user, members__role=Role.OWNER).values_list("pk", flat=True)
    )
    _check(_best_terms(owned), "workspaces", len(owned) if used is None else used, holder="you have")


def check_feature(terms: Terms, feature: str) -> None:
    """Raise PlanTooLow unless the plan unlocks a licensed agent."""
    if feature not in FEATURES:
        raise ValueError(f"{feature!r} is no feature; there are {', '.join(FEATURES)}")
    if feature not in terms.features:
        raise _too_low(terms, f"the {feature} agent", lambda offer: feature in offer.features)


def check_format(terms: Terms, name: str) -> None:
    """Raise PlanTooLow unless the plan serves files in a format."""
    if name not in FORMATS:
        raise ValueError(f"{name!r} is no format; there are {', '.join(FORMATS)}")
    if name not in terms.formats:
        raise _too_low(terms, f"files as {name}", lambda offer: name in offer.formats, formats=list(terms.formats))


def check_history(terms: Terms, *, start: datetime, earliest: datetime | None) -> None:
    """Raise PlanTooLow when `start` lies before `earliest`, the first moment that the plan's history covers."""
    if earliest is None or start >= earliest:
        return
    # To the microsecond: who sends this moment as the start is let in.
    days, first = terms.history_days or 0, earliest.isoformat().replace("+00:00", "Z")
    raise _too_low(
        terms,
        f"data from before {first} ({days} days back from the newest row)",
        lambda offer: offer.history_days is None or offer.history_days > days,
        otherwise="Send a later start, or leave it out. ",
        history_from=first,
    )


def _best_terms(workspace_ids: list[int]) -> Terms:
    """Of the plans of several workspaces the one that lets a person own the most."""
    grants = Entitlement.objects.in_force().filter(workspace__in=workspace_ids).select_related("plan")
    strongest: dict[int, Plan] = {}
    for grant in grants:
        strongest.setdefault(grant.workspace_id, grant.plan)
    return max([plan_named(FREE), *strongest.values()], key=lambda plan: plan.workspaces).terms()


def _check(terms: Terms, limit: Limit, used: int, holder: str) -> None:
    allowed: int = getattr(terms, limit)
    if used < allowed:
        return
    one, many, help_yourself = WORDS[limit]
    larger = next((offer for offer in offers() if getattr(offer.terms, limit) > max(used, allowed)), None)
    more = f"move to the {larger.title} plan ({getattr(larger.terms, limit):,})" if larger else "ask us for more"
    raise QuotaExhausted(
        f"The {_title(terms)} plan{_with_additions(terms, limit)} includes {allowed:,} "
        f"{one if allowed == 1 else many} and {holder} {used:,}. "
        f"{help_yourself}, or {more}.",
        {"plan": terms.plan, "limit": limit, "allowed": allowed, "used": used},
    )


def _too_low(
    terms: Terms, what: str, has_it: Callable[[Terms], bool], *, otherwise: str = "", **data: object
) -> PlanTooLow:
    enough = next((offer for offer in offers() if has_it(offer.terms)), None)
    remedy = f"The {enough.title} plan does: move to it in the portal." if enough else "No plan does."
    needed = {"needed_plan": enough.terms.plan} if enough else {}
    text = f"The {_title(terms)} plan does not include {what}. {otherwise}{remedy}"
    return PlanTooLow(text, {"plan": terms.plan, **needed, **data})


def _with_additions(terms: Terms, limit: Limit) -> str:
    """Says so when the number is more than the plan's own."""
    own = next((getattr(offer.terms, limit) for offer in offers() if offer.terms.plan == terms.plan), None)
    return " with your additions" if own is not None and getattr(terms, limit) > own else ""


def _title(terms: Terms) -> str:
    return next((offer.title for offer in offers() if offer.terms.plan == terms.plan), terms.plan)
