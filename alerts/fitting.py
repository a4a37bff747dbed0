"""A plan's number of alerts, held when the plan changes: the newest beyond it pause, and come back when it allows.

New ones are refused where they are made (services.py); both happen under the lock of the workspace's row.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Min, Q

from accounts import audit
from accounts.models import Workspace
from alerts.models import Alert
from alerts.restart import resume
from billing.limits import terms_of
from billing.models import Boost, Entitlement, Plan
from moondev.lib.clock import now

# Grants and packs that ended so long ago have been seen; the look at everybody finds what was missed.
LOOKED_BACK = timedelta(minutes=10)


@transaction.atomic
def fit_to_plan(workspace_id: int) -> None:
    """Pause what the plan has no room for, newest first, and take back what it has room for again."""
    workspace = Workspace.objects.select_for_update(no_key=True).filter(pk=workspace_id, erased_at=None).first()
    if workspace is None:
        return
    allowed = terms_of(workspace).alerts
    # Which there are and what is paused changes under the workspace's lock only. Rows are locked where they change, by
    # id: a round of evaluation does so too, and waits for the alert that the caller may have locked already.
    rows = list(Alert.objects.for_workspace(workspace).order_by("created_at", "pk").values_list("pk", "over_plan"))
    paused = [pk for pk, is_over in rows[allowed:] if not is_over]
    back = [pk for pk, is_over in rows[:allowed] if is_over]
    locked = list(Alert.objects.filter(pk__in=paused + back).order_by("id").select_for_update())
    count = Alert.objects.filter(pk__in=paused).update(over_plan=True)
    returned = [_take_back(alert) for alert in locked if alert.pk in back]
    if count or returned:
        audit.record(
            action="alerts.fitted_to_plan", workspace=workspace, allowed=allowed, paused=count, returned=len(returned)
        )


def fit_recent() -> None:
    """Fit the workspaces of which a grant or a pack began or ended by itself a moment ago: nobody tells of these."""
    at = now()
    span = (at - LOOKED_BACK, at)
    edges = Q(starts_at__range=span) | Q(ends_at__range=span)
    grants = Entitlement.objects.filter(edges).values_list("workspace_id", flat=True)
    packs = Boost.objects.filter(edges).values_list("workspace_id", flat=True)
    _fit_each({*grants, *packs} & set(_with_alerts()))


def fit_all() -> None:
    """Fit every workspace that may have too many alerts or too few: a plan was edited, or news got lost."""
    counted = Alert.objects.values("workspace_id").annotate(
        count=Count("pk"), over=Count("pk", filter=Q(over_plan=True))
    )
    least = Plan.objects.aggregate(least=Min("alerts"))["least"]
    suspects = counted.filter(Q(count__gt=least) | Q(over__gt=0), workspace__erased_at=None)
    _fit_each(suspects.values_list("workspace_id", flat=True))


def _fit_each(workspace_ids: Iterable[int]) -> None:
    for workspace_id in sorted(workspace_ids):
        fit_to_plan(workspace_id)


def _with_alerts() -> Iterable[int]:
    return Alert.objects.order_by().values_list("workspace_id", flat=True).distinct()


def _take_back(alert: Alert) -> Alert:
    alert.over_plan = False
    alert.save(update_fields=["over_plan"])
    resume(alert)
    return alert
