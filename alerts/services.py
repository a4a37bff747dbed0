"""Making and changing alerts. Every deed is audited in its transaction and done under the lock of the workspace's row.

An actor is a person at the portal, or the Principal of an API request: its key acts by its scope, its session by its
person's role.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, TypedDict

from django.db import transaction

from accounts import audit
from accounts.models import Workspace
from accounts.services.access import check_open, lock_workspace
from alerts import access, farewell, trials
from alerts.aggregates.reading import first_baseline
from alerts.checked import checked, config_of
from alerts.destinations import discord_destination
from alerts.fields import MOST_DESTINATIONS, silence_of
from alerts.fitting import fit_to_plan
from alerts.models import Alert, AlertSettings, Destination, Event
from alerts.models.alert import Phase
from alerts.preview import DAYS, Preview, preview
from alerts.restart import begin_anew, resume
from billing import limits
from billing.doers import Actor, Doer, access_row, access_workspace, doer_of
from moondev.lib.errors import Invalid

# What says which values are compared at all, and what says how.
WATCHED = frozenset({"symbol", "direction"})
MEASURED = frozenset({"threshold", "window_minutes", "for_minutes"})


class Values(TypedDict, total=False):
    """What an alert is made from and what of it may change; `type` is given once. Null is the default."""

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
    # Makes a destination of it, or takes the one that there is, beside those that are named or that it has.
    discord_webhook_url: str


@transaction.atomic
def create_alert(*, workspace: Workspace, actor: Actor, values: Values) -> Alert:
    """Make an alert.

    Raises NotFound, Forbidden, Conflict (closed), QuotaExhausted and Invalid with every wrong field.
    """
    doer = access_workspace(actor, workspace)
    given = checked(values, workspace=workspace)
    found = _lock_for_one_more(workspace)
    places = _places(found, doer, given, before=[])
    alert = Alert(workspace=found, created_by=doer.user, baseline=first_baseline(given["kind"]), **given)
    return _add(alert, places, doer, "alert.created")


@transaction.atomic
def update_alert(*, alert: Alert, actor: Actor, values: Values) -> Alert:
    """Change some of an alert. With another symbol or direction its state begins anew.

    Raises NotFound, Forbidden, Conflict (closed) and Invalid with every wrong field.
    """
    found, doer = _lock(alert, actor)
    check_open(found.workspace)
    given = checked(values, workspace=found.workspace, before=found)
    if given.get("is_shared", found.is_shared) is not found.is_shared:
        access.access_sharing(doer, found)
    if {"destinations", "discord_webhook_url"} & set(given):
        _move(found, doer, _places(found.workspace, doer, given, before=list(found.destinations.all())))
    return _write(found, doer, given)


@transaction.atomic
def delete_alert(*, alert: Alert, actor: Actor) -> None:
    """Delete an alert with its history; one that the plan had no room for may take its place.

    Whoever was told of a firing that lasts is told that it is over.

    Raises NotFound and Forbidden.
    """
    found, doer = _lock(alert, actor)
    _record("alert.deleted", found, doer, kind=found.kind, description=found.description)
    farewell.delete(found)
    fit_to_plan(found.workspace_id)


def pause_alert(*, alert: Alert, actor: Actor) -> Alert:
    """Stop looking at an alert. Raises NotFound, Forbidden and Conflict (closed)."""
    return update_alert(alert=alert, actor=actor, values={"enabled": False})


def resume_alert(*, alert: Alert, actor: Actor) -> Alert:
    """Look at an alert again: from now on, not at what has been. Raises NotFound, Forbidden and Conflict (closed)."""
    return update_alert(alert=alert, actor=actor, values={"enabled": True})


def snooze_alert(*, alert: Alert, actor: Actor, until: datetime | None) -> Alert:
    """Send nothing of an alert until a moment; None: send again. Raises as `update_alert`."""
    return update_alert(alert=alert, actor=actor, values={"snoozed_until": until})


@transaction.atomic
def mute_all(*, workspace: Workspace, actor: Actor, until: datetime | None) -> AlertSettings:
    """Send nothing of any alert until a moment; None: send again.

    Raises NotFound, Forbidden (a member), Conflict (closed) and Invalid at `/until`.
    """
    doer = access.access_all(actor, workspace)
    found = lock_workspace(workspace)
    check_open(found)
    try:
        moment = None if until is None else silence_of(until)
    except ValueError as error:
        raise Invalid.field("/until", str(error)) from None
    settings, _ = AlertSettings.objects.update_or_create(workspace=found, defaults={"muted_until": moment})
    audit.record(
        action="alerts.muted" if moment else "alerts.unmuted", workspace=found, actor=doer.user,
        actor_label=doer.label, until=moment.isoformat() if moment else None,
    )  # fmt: skip
    return settings


@transaction.atomic
def duplicate_alert(*, alert: Alert, actor: Actor) -> Alert:
    """Make a second alert like this one, paused, with a state of its own. Raises as `create_alert`."""
    doer = access_workspace(actor, alert.workspace)
    found = _lock_for_one_more(alert.workspace)
    source: Alert = Alert.objects.for_workspace(found).filter(pk=alert.pk).first() or _gone()
    copy = Alert(**{field.attname: getattr(source, field.attname) for field in _copied()})
    copy.created_by, copy.enabled, copy.baseline = doer.user, False, first_baseline(source.kind)
    return _add(copy, list(source.destinations.all()), doer, "alert.duplicated")


@transaction.atomic
def test_alert(*, alert: Alert, actor: Actor) -> Event:
    """Send a test to where the alert's messages go, whatever is muted; what became of it is in the history.

    Raises NotFound, Forbidden, Conflict (closed) and TooManyRequests.
    """
    found, doer = _lock(alert, actor)
    check_open(found.workspace)
    event = trials.send(found)
    _record("alert.tested", found, doer)
    return event


def preview_alert(*, workspace: Workspace, values: Values, days: int = DAYS) -> Preview:
    """When an alert of these values would have fired. Raises Invalid with every wrong field."""
    config = config_of(checked(values, workspace=workspace))
    return preview(config, limits.terms_of(workspace), days=days)


def may_change(actor: Actor, alert: Alert) -> bool:
    """Whether an actor may change an alert, for pages that show or hide a button."""
    doer = doer_of(actor, alert.workspace_id)
    return doer is not None and doer.may_change(alert)


def _lock(alert: Alert, actor: Actor) -> tuple[Alert, Doer]:
    """The alert as it is now, its workspace's row and its own locked, if the actor may change it."""
    lock_workspace(alert.workspace_id)
    rows = Alert.objects.select_for_update(of=("self",)).select_related("workspace")
    found: Alert = rows.filter(pk=alert.pk, workspace=alert.workspace_id).first() or _gone()
    return found, access_row(actor, found, what="alert")


def _gone() -> Any:
    raise access.no_alert()


def _lock_for_one_more(workspace: Workspace) -> Workspace:
    """The workspace's row, locked, when it is open and its plan has room for an alert."""
    found = lock_workspace(workspace)
    check_open(found)
    limits.check(found, "alerts", used=Alert.objects.for_workspace(found).count())
    return found


def _places(workspace: Workspace, doer: Doer, given: dict[str, Any], *, before: list[Destination]) -> list[Destination]:
    """The destinations that were named, taken out of the values, else those that it had; a webhook's URL adds one.

    Members may not bring one.
    """
    places: list[Destination] = given.pop("destinations", before)
    url = given.pop("discord_webhook_url", "")
    brought = [discord_destination(workspace=workspace, actor=doer.user, url=url)] if url else []
    found = list(dict.fromkeys([*places, *brought]))
    if brought and len(found) > MOST_DESTINATIONS:
        raise Invalid.field("/discord_webhook_url", f"An alert has at most {MOST_DESTINATIONS} destinations.")
    return found


def _add(alert: Alert, places: list[Destination], doer: Doer, action: str) -> Alert:
    alert.save(force_insert=True)
    alert.destinations.set(places)
    _record(action, alert, doer, kind=alert.kind, threshold=alert.threshold, symbol=alert.symbol)
    return alert


def _move(alert: Alert, doer: Doer, places: list[Destination]) -> None:
    """Send the alert's messages to other places."""
    before, after = {row.pk for row in alert.destinations.all()}, {row.pk for row in places}
    if before != after:
        alert.destinations.set(places)
        _record("alert.moved", alert, doer, before=sorted(before), after=sorted(after))


def _write(alert: Alert, doer: Doer, given: Mapping[str, Any]) -> Alert:
    """Store the values that differ, with what they were in the audit log, and what follows for the state."""
    changed = {name: value for name, value in given.items() if getattr(alert, name) != value}
    if changed:
        before = {name: getattr(alert, name) for name in changed}
        for name, value in changed.items():
            setattr(alert, name, value)
        alert.save(update_fields=list(changed))
        _follow(alert, set(changed))
        _record("alert.updated", alert, doer, before=_plain(before), after=_plain(changed))
    return alert


def _follow(alert: Alert, changed: set[str]) -> None:
    if changed & WATCHED:
        begin_anew(alert, "What it watches was changed")
    elif changed & MEASURED and alert.phase == Phase.PENDING:
        begin_anew(alert, "It was changed", keep_baseline=True)
    elif "enabled" in changed and alert.enabled:
        resume(alert)


def _copied() -> list[Any]:
    """The columns that a copy shares with its alert: all that people fill in."""
    own = {"id", "created_at", "enabled", "snoozed_until"}
    return [field for field in Alert._meta.concrete_fields if field.editable and field.name not in own]


def _record(action: str, alert: Alert, doer: Doer, **data: Any) -> None:
    audit.record(
        action=action, workspace=alert.workspace, actor=doer.user, actor_label=doer.label, target=f"{alert}",
        alert=alert.pk, **data,
    )  # fmt: skip


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Moments and hours as text; a log of deeds is JSON."""
    return {name: value.isoformat() if isinstance(value, datetime | time) else value for name, value in values.items()}
