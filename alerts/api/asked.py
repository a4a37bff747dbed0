"""What a request names: its workspace, one of its alerts, the values in its body and the place where a page begins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.db.models import Q
from rest_framework.request import Request

from accounts.models import Workspace
from alerts.access import no_alert
from alerts.fields import FIELDS, whole_of
from alerts.history import Place
from alerts.models import Alert
from alerts.services import Values
from billing.principal import Principal
from marketdata.symbols import symbol_forms
from moondev.lib import cursor
from moondev.lib.errors import Invalid

ID = re.compile(r"a_[0-9a-f]{16}")
MAX_ID = 2**63 - 1


def principal_of(request: Request) -> Principal:
    """Who asks; the gate lets nobody else come this far."""
    return cast(Principal, request.auth)


def workspace_of(request: Request) -> Workspace:
    return Workspace.objects.get(pk=principal_of(request).workspace_id)


def alert_of(request: Request, alert_id: str) -> Alert:
    """An alert of the caller's workspace. Raises NotFound, for a stranger's too."""
    rows = Alert.objects.for_workspace(principal_of(request).workspace_id).select_related("workspace")
    found: Alert | None = rows.filter(pk=alert_id).first() if ID.fullmatch(alert_id) else None
    if found is None:
        raise no_alert()
    return found


def values_of(request: Request) -> Values:
    """The fields of an alert in the body. What is none, as the id of an alert that is sent back, is left out."""
    return cast(Values, {name: value for name, value in body_of(request).items() if name in FIELDS})


def body_of(request: Request) -> Mapping[str, Any]:
    if not isinstance(request.data, Mapping):
        raise Invalid("Send a JSON object.")
    return request.data


def days_of(request: Request, most: int) -> int:
    """How many days a preview looks back."""
    try:
        return whole_of("days", 1, most, body_of(request).get("days", most))
    except ValueError as error:
        raise Invalid.field("/days", str(error)) from None


def filter_of(asked: Mapping[str, Any]) -> Q:
    """The alerts that a query asks for."""
    wanted = {"kind": asked.get("type"), "phase": asked.get("state")}
    found = Q(**{name: value for name, value in wanted.items() if value is not None})
    if "symbol" in asked:
        found &= Q(symbol__in=symbol_forms(asked["symbol"]))
    if "enabled" in asked:
        found &= Q(enabled=asked["enabled"] == "true")
    return found


def behind(text: str | None) -> Q:
    """The alerts behind a page's last one, newest first."""
    key = cursor.decode(text, str, str)
    if key is None:
        return Q()
    if not ID.fullmatch(key[1]):
        raise cursor.bad_cursor()
    created_at = _moment(key[0])
    return Q(created_at__lt=created_at) | Q(created_at=created_at, pk__gt=key[1])


def place_behind(text: str | None) -> Place | None:
    """The line of a history behind which a page begins."""
    key = cursor.decode(text, str, int, int)
    if key is None:
        return None
    if not 0 <= key[2] <= MAX_ID:
        raise cursor.bad_cursor()
    return _moment(key[0]), key[1], key[2]


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise cursor.bad_cursor() from None
    if found.tzinfo is None:
        raise cursor.bad_cursor()
    return found
