"""How many workspaces are on each plan at this moment."""

from __future__ import annotations

from collections import Counter

from accounts.models import Workspace
from billing.models import Entitlement, Plan
from billing.terms import FREE


def workspaces_by_plan() -> dict[str, int]:
    """Open workspaces by the plan that counts for them; every plan is in the answer."""
    granted = Counter(plans_of().values())
    counts = {name: granted[name] for name in Plan.objects.values_list("name", flat=True)}
    counts[FREE] = Workspace.objects.open().count() - sum(granted.values())
    return counts


def plans_of(workspace_ids: list[int] | None = None) -> dict[int, str]:
    """The plan of each open workspace (of these, or of all) that has a grant in force; the others are on free."""
    grants = Entitlement.objects.in_force().filter(workspace__closed_at=None)
    if workspace_ids is not None:
        grants = grants.filter(workspace__in=workspace_ids)
    # One row a workspace: its strongest grant.
    strongest = grants.order_by("workspace_id", "-plan__rank").distinct("workspace_id")
    return dict(strongest.values_list("workspace_id", "plan_id"))
