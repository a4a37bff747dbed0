"""What alerts do when something below them changes: news from accounts and billing.

Alerts of a closed workspace are not looked at, so closing and reopening need nothing here.
"""

from __future__ import annotations

from typing import Any

from accounts.models import Workspace
from accounts.signals import workspace_erasing
from alerts.fitting import fit_to_plan
from alerts.models import Alert, AlertSettings, Destination, Remnant
from billing.signals import entitlement_changed
from billing.wake import wake


def fit(sender: object, *, workspace_id: int | None, **_: Any) -> None:
    """A plan was granted or taken away; None: the plan itself was edited, which a worker carries to everybody."""
    if workspace_id is None:
        wake("alerts.tasks.fit_all")
    else:
        fit_to_plan(workspace_id)


def erase_alerts(sender: object, *, workspace: Workspace, **_: Any) -> None:
    """Alerts go with their history, and so do the sealed addresses. Sent inside the transaction."""
    Alert.everything.for_workspace(workspace).delete()
    Remnant.objects.filter(workspace=workspace).delete()
    Destination.objects.for_workspace(workspace).delete()
    AlertSettings.objects.filter(workspace=workspace).delete()


def connect() -> None:
    """Called once, when the app starts."""
    entitlement_changed.connect(fit, dispatch_uid="alerts.receivers.entitlement_changed")
    workspace_erasing.connect(erase_alerts, dispatch_uid="alerts.receivers.workspace_erasing")
