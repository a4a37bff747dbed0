"""What is left of the minute, for those who only look: the portal's overview."""

from __future__ import annotations

from typing import NamedTuple

from django.utils import timezone

from billing import limits
from gateway.gate import tickets
from gateway.gate.process import gate
from gateway.models import ApiKey


class Quota(NamedTuple):
    """Requests used and allowed in the present minute, and the whole seconds until the next one."""

    used: int
    limit: int
    resets_in_sec: int


def quota(workspace_id: int, key_id: int | None = None) -> Quota:
    """The minute of a workspace, or of one of its keys if that has a rate of its own. Costs nothing, counts nothing."""
    plan = limits.terms_of(workspace_id).requests_per_minute
    budget, limit = tickets.SHARED_BUDGET, plan
    key = ApiKey.objects.for_workspace(workspace_id).filter(pk=key_id).first() if key_id else None
    own = key.own_rate(plan=plan, at=timezone.now()) if key else None
    if key is not None and own is not None:
        budget, limit = tickets.budget_of(key.pk, own=True), own
    admission = gate().admit(tickets.for_reading(workspace_id, budget=budget, limit=limit))
    return Quota(min(admission.used, limit), limit, admission.resets_in)
