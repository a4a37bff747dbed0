"""Making and changing alerts. Every deed is audited in its transaction.

An actor is a person at the portal, or the Principal of an API request: its key acts by its scope, its session by its
person's role.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import TypedDict

from accounts.models import User, Workspace
from alerts.models import Alert, AlertSettings, Event
from alerts.preview import DAYS, Preview
from billing.principal import Principal

Actor = User | Principal


class Values(TypedDict, total=False):
    """What an alert is made from and what of it may change; `type` is given once."""

    type: str
    threshold: float
    window_minutes: int
    symbol: str
    direction: str
    description: str
    recovery_threshold: float | None
    for_minutes: int
    cooldown_minutes: int
    quiet_from: time | None
    quiet_until: time | None
    time_zone: str
    snoozed_until: datetime | None
    enabled: bool
    is_shared: bool
    template: str
    # Ids of the workspace's destinations; none: the workspace's default.
    destinations: Sequence[int]
    # Makes a destination of it, or takes the one that there is.
    discord_webhook_url: str


def create_alert(*, workspace: Workspace, actor: Actor, values: Values) -> Alert:
    """Make an alert. Raises NotFound, Forbidden, Conflict (closed), QuotaExhausted and Invalid with every wrong field."""
    raise NotImplementedError


def update_alert(*, alert: Alert, actor: Actor, values: Values) -> Alert:
    """Change some of an alert; what it watches begins anew. Raises NotFound, Forbidden, Conflict and Invalid."""
    raise NotImplementedError


def delete_alert(*, alert: Alert, actor: Actor) -> None:
    """Delete an alert with its history. Raises NotFound and Forbidden."""
    raise NotImplementedError


def pause_alert(*, alert: Alert, actor: Actor) -> Alert:
    """Stop looking at an alert. Raises NotFound, Forbidden and Conflict."""
    raise NotImplementedError


def resume_alert(*, alert: Alert, actor: Actor) -> Alert:
    """Look at an alert again. Raises NotFound, Forbidden and Conflict."""
    raise NotImplementedError


def snooze_alert(*, alert: Alert, actor: Actor, until: datetime | None) -> Alert:
    """Send nothing of an alert until a moment; None: send again. Raises NotFound, Forbidden, Conflict and Invalid."""
    raise NotImplementedError


def mute_all(*, workspace: Workspace, actor: Actor, until: datetime | None) -> AlertSettings:
    """Send nothing of any alert until a moment; None: send again. Raises NotFound, Forbidden, Conflict and Invalid."""
    raise NotImplementedError


def duplicate_alert(*, alert: Alert, actor: Actor) -> Alert:
    """Make a second alert like this one, paused, with a state of its own. Raises as `create_alert`."""
    raise NotImplementedError


def test_alert(*, alert: Alert, actor: Actor) -> Event:
    """Send a test to where the alert's messages go, whatever is muted. Raises NotFound, Forbidden, Conflict."""
    raise NotImplementedError


def preview_alert(*, workspace: Workspace, values: Values, days: int = DAYS) -> Preview:
    """When an alert of these values would have fired. Raises Invalid with every wrong field."""
    raise NotImplementedError


def may_change(actor: Actor, alert: Alert) -> bool:
    """Whether an actor may change an alert, for pages that show or hide a button."""
    raise NotImplementedError
